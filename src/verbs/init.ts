import { existsSync, writeFileSync } from 'node:fs';
import { loadConfig } from '../config/load-config.ts';
import { formatDuration } from '../model/duration.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Ask } from '../proposal/decide.ts';
import { ConfigExists, ConfigNotWritten, QuestionsEnded } from '../proposal/proposal-errors.ts';
import type { Proposal } from '../proposal/render-config.ts';
import type { Caller } from './caller.ts';
import { draftConfig } from './draft-config.ts';
import { commandText } from './options.ts';
import { outcomeOf, type Verb } from './verb.ts';

export const usualConfig = 'istio-upgrade.yaml';

/** `init`: writes a config that fits the mesh, and nothing in the cluster. */
export const initVerb: Verb = async (options, caller) => {
  const file = options.out ?? usualConfig;
  // Before anybody has answered questions in vain.
  if (existsSync(file) && !(await mayReplace(file, caller))) throw ConfigExists.of(file);
  const { text, proposal, name } = await draftConfig(options, caller, caller.ask && asking(caller.ask, caller.signal));
  loadConfig(text, file);
  write(file, text);
  const message = `${file}: ${describeProposal(proposal)}.`;
  const { kubeconfig, context } = options;
  const next = commandText('check', {
    config: file,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  return {
    exitCode: 0,
    outcome: outcomeOf({ kind: 'completed', message, revision: proposal.from.revision, next }),
    lines: [message, ...remarks(proposal), `next: ${next}`],
    document: { ...(name && { cluster: name }), file, config: text },
    findings: [],
    ...(name && { cluster: name }),
  };
};

/** `Istio 1.30.4 -> 1.31.0, tag default, canary bar, bake 10m, Prometheus kubernetes://monitoring/prometheus:9090` */
export function describeProposal({ from, target, mesh, waves, bake, prometheus }: Proposal): string {
  const canary = waves[0]?.namespaces ?? [];
  return `Istio ${from.version} -> ${target.version}, tag ${mesh.tag}, canary ${[canary].flat().join(', ')}, bake ${formatDuration(bake.bakeMs)}, Prometheus ${prometheus.url}`;
}

/** What a person has to look at. */
export const remarks = ({ prometheus, bake }: Proposal): readonly string[] => [
  ...(prometheus.isSeen ? [] : [`! gate.prometheus: ${prometheus.url} ${prometheus.why}`]),
  ...(bake.weak.length === 0 ? [] : [`! Too little traffic to judge: ${bake.weak.join(', ')}`]),
];

const mayReplace = async (file: string, { ask }: Caller): Promise<boolean> =>
  ask !== undefined && /^y(es)?$/i.test((await ask(`${file} exists. Replace it? [y/N]`)).trim());

/** Until an answer can be used. Enter takes the proposal. */
const asking =
  (ask: NonNullable<Caller['ask']>, signal: AbortSignal): Ask =>
  async (question, proposed, refusal) => {
    let prompt = `${question} [${proposed}]`;
    for (;;) {
      const answer = (await ask(prompt)).trim() || proposed;
      if (signal.aborted) throw QuestionsEnded.of();
      const why = refusal(answer);
      if (why === undefined) return answer;
      prompt = `"${answer}" ${why}. ${question} [${proposed}]`;
    }
  };

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (failure) {
    throw ConfigNotWritten.because(failure, file, messageOf(failure));
  }
}
