import { problemOf } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineError } from '../model/upgrade-error.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

export const ClusterDiffers = defineError({
  code: 'CLUSTER_DIFFERS',
  title: 'This is another cluster than the one the upgrade was planned for.',
  cause:
    'The kubeconfig or its context leads to another cluster; or a backup restored the journal into another cluster.',
  message: (planned: string, here: string) =>
    `The upgrade was planned for cluster ${planned}; the UID of kube-system here is ${here}.`,
  hint: 'A restored backup brings its journal along. Check --kubeconfig and --context; if this is the right cluster, delete the ConfigMap of the journal.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
  whileWriting: 'ends the run',
});

const finds = [ClusterDiffers] as const;
type Found = FindingOf<typeof finds>;

export const cluster = defineCheck({ looksAt: ['identity'], finds, find: checkCluster });

/** The plan is for this cluster. */
function checkCluster({ identity }: Pick<World, 'identity'>, { clusterUid }: Plan): readonly Found[] {
  return identity.clusterUid === clusterUid ? [] : [problemOf(ClusterDiffers.of(clusterUid, identity.clusterUid))];
}
