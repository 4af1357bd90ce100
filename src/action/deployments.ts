import { createGitHub } from '../github/github.ts';
import type { TimedEvent } from '../model/events.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { DeploymentStatus, GitHub } from '../ports/github.ts';
import { oneEntry } from '../report/neutralise.ts';
import { hideSecrets } from '../secrecy/hide-secrets.ts';
import { githubEvent } from './github-event.ts';
import type { Notifier } from './notify.ts';
import type { Step } from './step.ts';

/** For one call. */
const callMs = 5_000;
/** For all calls that are left when the run is over: after a cancel a step has only a few seconds. */
const settleMs = 3_000;

interface StageDeployment {
  name: string;
  title: string;
  /** Of its deployment; absent as long as the stage has nothing to do. */
  id?: number;
}

/** Lists each stage that a run works on as a deployment on GitHub, if the input asks for it. A failure of the API is a warning. */
export function deploymentsFor({ inputs, env, log }: Pick<Step, 'inputs' | 'env' | 'log'>): Notifier {
  const { deployment: cluster, 'github-token': token } = inputs;
  if (cluster === undefined || token === undefined)
    return { receive: () => undefined, settle: () => Promise.resolve() };
  const ending = new AbortController();
  let stage: StageDeployment | undefined;
  let queue: Promise<void> = Promise.resolve();
  let isOver = false;

  const enqueue = (work: (github: GitHub, where: ReturnType<typeof githubEvent>) => Promise<void>) => {
    queue = queue.then(async () => {
      if (isOver) return;
      try {
        const event = githubEvent(env);
        const signal = AbortSignal.any([AbortSignal.timeout(callMs), ending.signal]);
        const github = createGitHub({ ...event, token, env, signal });
        try {
          await work(github, event);
        } finally {
          await github.close();
        }
      } catch (failure) {
        isOver = true;
        log.annotate('warning', 'No deployments', `${messageOf(failure)}. Nothing else depends on it.`);
      }
    });
  };

  const begin = (of: StageDeployment) => {
    const current = of;
    enqueue(async (github, { commit, runPage }) => {
      if (current.id !== undefined) return;
      const environment = `${cluster}/${current.name}`;
      current.id = await github.createDeployment({ commit, environment, description: current.title });
      await github.tellDeployment(current.id, { state: 'in_progress', description: current.title, logUrl: runPage });
    });
  };

  const end = (of: StageDeployment, state: DeploymentStatus['state'], text: string) => {
    stage = undefined;
    const description = oneEntry(hideSecrets(text)).replaceAll('\n', ' ');
    enqueue(async (github, { runPage }) => {
      if (of.id !== undefined) await github.tellDeployment(of.id, { state, description, logUrl: runPage });
    });
  };

  return {
    receive(event: TimedEvent) {
      if (event.kind === 'stage-started') {
        if (stage !== undefined) end(stage, 'error', `Left for ${event.title}`);
        stage = { name: event.name, title: event.title };
      }
      if (stage === undefined) return;
      if (event.kind === 'effect-started' || event.kind === 'waiting') begin(stage);
      else if (event.kind === 'stage-done') end(stage, 'success', event.proof);
      else if (event.kind === 'problem') end(stage, 'failure', event.problem.message);
      // The next run resumes, so this is neither a success nor a failure.
      else if (event.kind === 'run-ended') end(stage, 'error', event.message);
    },
    async settle() {
      const timer = setTimeout(() => ending.abort(new Error('the run is over')), settleMs);
      await queue;
      clearTimeout(timer);
    },
  };
}
