import { runStep } from '../../../src/action/step.ts';
import { tellingGitHub } from '../../../src/action/tell-github.ts';
import { rehearseStepOfAction } from './rehearse-step.ts';

/** The entry of `dist/rehearse.cjs`, which action.yml starts for `command: rehearse`: engine and simulator in one process. */
const work = runStep('run', process, (step) => tellingGitHub(step, () => rehearseStepOfAction(step)));

void work.then((code) => process.exit(code));
