import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { RanAction, RunOptions } from '../../../harness/proof/runner/job.ts';
import { runAction } from '../../../harness/proof/runner/run-action.ts';

/** A step of an action under test; `run` goes with bash unless it says otherwise. */
export type Step = Readonly<Record<string, unknown>>;

export interface Action {
  steps: readonly Step[];
  inputs?: Readonly<Record<string, unknown>>;
  /** By name, what each is. */
  outputs?: Readonly<Record<string, string>>;
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'running-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeAction(folder: string, { steps, inputs = {}, outputs = {} }: Action): string {
  mkdirSync(folder, { recursive: true });
  const content = {
    name: 'under test',
    description: 'of the runner',
    inputs,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { description: name, value }])),
    runs: { using: 'composite', steps: steps.map((step) => ('run' in step ? { shell: 'bash', ...step } : step)) },
  };
  writeFileSync(join(folder, 'action.yml'), stringify(content));
  return folder;
}

/** Runs an action of these steps; the folder of action.yml is the workspace too. */
export function running(action: Action | readonly Step[], options: Partial<RunOptions> = {}): Promise<RanAction> {
  const folder = writeAction(newFolder(), isSteps(action) ? { steps: action } : action);
  return runAction({
    actionFolder: folder,
    workspace: folder,
    with: {},
    env: { PATH: [dirname(process.execPath), process.env['PATH']].join(':') },
    standIns: {},
    signalFactor: 0.02,
    ...options,
  });
}

const isSteps = (action: Action | readonly Step[]): action is readonly Step[] => Array.isArray(action);

/** By id. */
export const outcomes = ({ steps }: RanAction): Record<string, string> =>
  Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]));
