import { DaemonSets } from '../ports/kinds.ts';
import { complete, isUnseen, unseen, waiting, withRefusal } from './rollout-state.ts';
import { shareOfPods } from './share-of-pods.ts';
import { templateRestart, tokenInTemplate } from './template-restart.ts';
import { updateStrategyOf, whyOnDelete, withUpdateStrategy } from './update-strategy.ts';
import type { WorkloadDefinition } from './workload-definition.ts';

export const daemonSet: WorkloadDefinition = {
  resource: DaemonSets,
  mayBeAbsent: false,
  rolloutOf: (object) => {
    const { status = {} } = object;
    const desired = status.desiredNumberScheduled ?? 0;
    const ready = status.numberReady ?? 0;
    if (isUnseen(object)) return unseen(desired, ready);
    const { updatedNumberScheduled: updated = 0, numberAvailable: available = 0 } = status;
    const rollout =
      updated < desired
        ? waiting(`${updated} of ${desired} pods updated`, desired, ready)
        : available < desired
          ? waiting(`${available} of ${desired} pods available`, desired, ready)
          : ready < desired
            ? waiting(`${ready} of ${desired} pods ready`, desired, ready)
            : complete(desired, ready);
    return withRefusal(rollout, object);
  },
  whyUnrestartable: whyOnDelete,
  // The pods on other nodes keep serving.
  whyDown: () => undefined,
  surgePods: ({ spec }, pods) =>
    pods === 0 ? 0 : shareOfPods(spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, pods, 'up'),
  restartPatch: templateRestart,
  tokenOf: tokenInTemplate,
  makesPods: 'in place of old ones',
  hasReplicas: false,
  replacementOf: updateStrategyOf,
  withReplacement: withUpdateStrategy,
};
