import { finalizeStepOfAction } from './finalize-step.ts';
import { runStepOfAction } from './run-step.ts';
import { runStep, type Step, type StepName } from './step.ts';
import { tellingGitHub } from './tell-github.ts';

const steps: Readonly<Record<StepName, (step: Step, host: NodeJS.Process) => Promise<number>>> = {
  // Loaded only here: its libraries download and unpack, which the other steps do not need.
  istioctl: async (step) => (await import('./istioctl-step.ts')).istioctlStepOfAction(step),
  run: runStepOfAction,
  finalize: finalizeStepOfAction,
};

/** Ends the process with the exit code of the step. */
export async function runAction(host: NodeJS.Process): Promise<never> {
  const name = host.argv[3];
  if (!isStep(name)) throw new Error(`action.yml has no step "${name}" that runs us`);
  const code = await runStep(name, host, (step) => tellingGitHub(step, () => steps[name](step, host)));
  // All output is written. A probe that hangs, which @actions/exec cannot end, would keep the job running.
  return host.exit(code);
}

const isStep = (name: string | undefined): name is StepName => name !== undefined && name in steps;
