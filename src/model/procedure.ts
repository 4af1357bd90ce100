import type { Strategy } from './plan.ts';

/** The eight steps of the procedure in their order: the name that people type, and the title that they read. */
export const procedure = [
  { name: 'precheck', title: 'Verify before the upgrade' },
  { name: 'install-control-plane', title: 'Install the new istiod beside the old' },
  { name: 'move-tag', title: 'Move the revision tag' },
  { name: 'upgrade-gateways', title: 'Upgrade the ingress gateways in place' },
  { name: 'restart-canary', title: 'Upgrade the proxies of the canary wave' },
  { name: 'judge-canary', title: 'Judge the canary by its metrics' },
  { name: 'restart-waves', title: 'Upgrade the rest, wave by wave' },
  { name: 'remove-old-revision', title: 'Uninstall the old istiod' },
] as const satisfies readonly { name: string; title: string }[];

export type StepName = (typeof procedure)[number]['name'];

/** For display: step N of the article is number N. */
export type StageNumber = Exclude<Partial<typeof procedure>['length'], 0>;

export const lastStep = procedure.at(-1)?.name as StepName;

export function numberOf(step: StepName): StageNumber {
  return (procedure.findIndex(({ name }) => name === step) + 1) as StageNumber;
}

export function titleOf(step: StepName): string {
  return titles[step];
}

const titles = Object.fromEntries(procedure.map(({ name, title }) => [name, title])) as Record<StepName, string>;

export function isBefore(step: StepName, other: StepName): boolean {
  return numberOf(step) < numberOf(other);
}

/** With canary-first the tag moves only after the verdict on the canary. */
const canaryFirst: readonly StepName[] = [
  'precheck',
  'install-control-plane',
  'restart-canary',
  'judge-canary',
  'move-tag',
  'upgrade-gateways',
  'restart-waves',
  'remove-old-revision',
];

/** The steps in the order in which a plan takes them; each keeps its number. */
export const stepsOf = (strategy: Strategy): readonly StepName[] =>
  strategy === 'canary-first' ? canaryFirst : procedure.map(({ name }) => name);

/** The step that a person means by its name or its number; `undefined` when it is neither. */
export function findStep(text: string): StepName | undefined {
  return procedure.find(({ name }) => name === text || String(numberOf(name)) === text)?.name;
}
