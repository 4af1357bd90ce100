import { finalizeStepOfAction } from './finalize-step.ts';
import { runStepOfAction } from './run-step.ts';
import { runStep, type Step } from './step.ts';

/** The steps of action.yml that run us: `main.cjs action NAME`. */
const steps: Readonly<Record<string, (step: Step, host: NodeJS.Process) => Promise<number>>> = {
  // Its libraries fetch and unpack; the other steps need none of that.
  istioctl: async (step) => (await import('./istioctl-step.ts')).istioctlStepOfAction(step),
  run: runStepOfAction,
  finalize: finalizeStepOfAction,
};

/** Ends the process with the exit code of the step. */
export async function runAction(host: NodeJS.Process): Promise<never> {
  const name = host.argv[3] ?? '';
  const code = await runStep(host, async (step) => {
    const work = steps[name];
    if (work === undefined) throw new Error(`action.yml has no step "${name}" that runs us`);
    return await work(step, host);
  });
  // Everything is said and written; a probe that hangs, which @actions/exec cannot end, would hold the job.
  return host.exit(code);
}
