import { seenPod } from '../../../rehearsal/backends/seen.ts';
import type { Sim } from '../../../rehearsal/sim/create-sim.ts';
import { isAllBack, livePods, revisionIn, revisionOfTagWebhook } from '../mesh-facts.ts';
import type { Task } from '../task.ts';
import type { Invariant } from './invariant.ts';
import { onRestart } from './restarts.ts';

/**
 * Nothing goes forward on a verdict that was not given, or not for it. Red is what the contender itself said, and what the
 * harness knows: a release that fails in the canary from its first proxy on. Unknown is a canary that could not be seen
 * for a moment since it was ready.
 */
export const nothingForwardAfterRed: Invariant = {
  id: 'I4',
  title: 'after a red or unknown gate nothing goes forward',
  watch: ({ sim, task, writers, conditions, broken }) => {
    const canary = new Set(task.waves[0]?.namespaces);
    const gateways = new Set(task.gateways);
    const said: { red: string | undefined; unknown: string | undefined } = { red: undefined, unknown: undefined };
    let wasSeen = false;
    const forward = (what: string) => {
      if (said.red !== undefined) broken(`${what}, although it said fail of wave ${said.red}`);
      else if (said.unknown !== undefined) broken(`${what}, although it could not judge wave ${said.unknown}`);
      else if (conditions.badRelease) broken(`${what}, although the new release fails requests in the canary`);
      else if (!wasSeen) broken(`${what}, although the canary could not be seen since it was ready`);
    };
    onRestart(writers, ({ id, namespace, name }) => {
      if (canary.has(namespace) || gateways.has(`${namespace}/${name}`)) return;
      if (revisionOfTagWebhook(sim, task.tag) === task.to.revision) forward(`${id} is restarted forward`);
    });
    writers.onWrite((write) => {
      if (!('istioctl' in write)) return;
      const [verb, ...args] = write.istioctl;
      if (verb === 'uninstall' && args.some((arg) => arg.includes(task.from.revision)))
        forward(`istiod ${task.from.revision} is uninstalled`);
    });
    return {
      // A new attempt may judge again what could not be judged; a fail stays one.
      attemptBegan: () => {
        said.unknown = undefined;
      },
      heard: (_runId, event) => {
        if (event.kind !== 'verdict') return;
        if (event.verdict === 'fail') said.red = event.wave;
        if (event.verdict === 'inconclusive') said.unknown = event.wave;
        if (event.verdict === 'pass') said.unknown = undefined;
      },
      attemptEnded: () => {
        if (isAllBack(sim, task)) said.red = undefined;
      },
      afterEvent: () => {
        if (!wasSeen && canSee(sim) && isCanaryReady(sim, task, canary)) wasSeen = true;
      },
    };
  },
};

const canSee = ({ prometheus: { faults, scrapes }, clock }: Sim): boolean =>
  !faults.down &&
  !faults.empty &&
  !scrapes.outages.some(({ since, until }) => since <= clock.now() && (until ?? Infinity) > clock.now());

function isCanaryReady(sim: Sim, task: Task, canary: ReadonlySet<string>): boolean {
  const pods = livePods(sim).filter(({ metadata }) => canary.has(metadata.namespace ?? ''));
  return pods.length > 0 && pods.every((pod) => revisionIn(pod) === task.to.revision && seenPod(pod).ready);
}
