import { UpgradeError } from '../model/upgrade-error.ts';
import { jsonText } from '../report/json-text.ts';
import { neutralise } from '../report/neutralise.ts';
import { hideSecrets, hideSecretsIn } from '../secrecy/hide-secrets.ts';
import { describeFailure } from '../verbs/describe-failure.ts';

/** Everything that can be thrown, as text for a person or as JSON, with its exit code. */
export function renderFailure(thrown: unknown, json: boolean): { text: string; code: number } {
  const { exitCode, code, title, message, hint, state, actor, docs, trace, error } = describeFailure(thrown);
  if (json) {
    const document = { error: error instanceof UpgradeError ? error : { code, message }, exitCode };
    return { text: jsonText(hideSecretsIn(document)), code: exitCode };
  }
  if (trace !== undefined)
    return { text: `✘ INTERNAL: this is a fault of the tool; please report it.\n${shown(trace)}\n`, code: exitCode };
  const lines = [
    `✘ ${code}: ${title}`,
    `  ${shown(message).replaceAll('\n', '\n  ')}`,
    `  do: ${shown(hint).replaceAll('\n', '\n  ')}`,
    `  state: ${state}`,
    `  to act: ${actor}`,
    `  docs: ${docs}`,
  ];
  return { text: `${lines.join('\n')}\n`, code: exitCode };
}

/** Messages quote the cluster and istioctl. */
const shown = (text: string): string => neutralise(hideSecrets(text));
