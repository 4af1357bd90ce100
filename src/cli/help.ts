import { failureCodes, outcomes } from '../model/outcome.ts';
import type { VerbName } from '../verbs/index.ts';

/** One command line to copy, for each command. */
const examples: Readonly<Record<VerbName, string>> = {
  init: 'init --critical tier=critical',
  check: 'check --config istio-upgrade.yaml',
  plan: 'plan --config istio-upgrade.yaml',
  upgrade: 'upgrade --config istio-upgrade.yaml --through canary --report report.html',
  rollback: 'rollback --report report.html',
  status: 'status --watch',
  pause: 'pause',
  resume: 'resume',
  abort: 'abort',
  finalize: 'finalize --config istio-upgrade.yaml --after cancelled',
  unlock: 'unlock --holder 4f1d0c1b',
  export: 'export --config istio-upgrade.yaml --out inventory.json',
};

/** Outcomes that a command can end with besides the failures that all have. */
const ends: Readonly<Record<VerbName, readonly (keyof typeof outcomes)[]>> = {
  init: ['completed'],
  check: ['completed', 'blocked'],
  plan: ['completed', 'blocked'],
  upgrade: [
    'completed',
    'reached',
    'nothing-to-do',
    'blocked',
    'held',
    'rolled-back',
    'rollback-held',
    'waiting',
    'interrupted',
  ],
  rollback: ['completed', 'held', 'rollback-held', 'waiting', 'interrupted'],
  status: ['completed'],
  pause: ['completed', 'blocked'],
  resume: ['completed', 'blocked'],
  abort: ['completed', 'blocked'],
  finalize: ['nothing-to-do', 'held', 'rolled-back', 'rollback-held', 'interrupted'],
  unlock: ['completed', 'blocked'],
  export: ['completed'],
};

/** Below the options of a command: an example, and the exit codes with which it can end. */
export function helpAfter(name: VerbName): string {
  const codes = [
    ...ends[name].map((kind) => [outcomes[kind].exitCode, kind] as const),
    ...Object.entries(failureCodes).map(([kind, { exitCode }]) => [exitCode, kind] as const),
  ].sort(([a], [b]) => a - b);
  const byCode = Map.groupBy(codes, ([code]) => code);
  return [
    '',
    'Example:',
    `  $ istio-canary-upgrade ${examples[name]}`,
    '',
    'Exit codes:',
    ...[...byCode].map(([code, kinds]) => `  ${String(code).padStart(3)}  ${kinds.map(([, kind]) => kind).join(', ')}`),
  ].join('\n');
}
