import { readConfig } from '../verbs/read-config.ts';
import { outcomeOf } from '../verbs/verb.ts';
import { configFile } from './inputs.ts';
import { outputsOf, type Step } from './step.ts';
import { tellGitHub } from './tell-github.ts';

/**
 * `check` without a cluster, for pull requests that get no credentials.
 * @throws ConfigError with every mistake, for annotations at their lines
 */
export async function offlineCheck(step: Step): Promise<number> {
  const { inputs, log, summary, put } = step;
  const config = configFile(inputs) ?? '';
  readConfig(config);
  const message = `${config} has no mistake and its queries are valid PromQL. No cluster was contacted.`;
  const outcome = outcomeOf({ kind: 'completed', message, stage: '', revision: '' });
  log.conclude('notice', 'istio-canary-upgrade: completed', message);
  summary.show({ command: 'check, offline', ended: outcome, findings: [], lines: [] });
  put(outputsOf(outcome));
  await tellGitHub(step, {});
  return 0;
}
