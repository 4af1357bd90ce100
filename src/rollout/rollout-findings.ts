import { defineFinding } from '../model/finding.ts';

export const RolloutBroken = defineFinding({
  code: 'ROLLOUT_BROKEN',
  severity: 'blocks',
  title: 'The sidecar of a new pod does not start, or is not ready.',
  cause:
    'For at least 30 seconds a container of the sidecar could not be pulled, could not be run or crashed repeatedly, or for two minutes it ran and was not ready; the sidecar of the old proxy has no such trouble.',
  fix: 'The old pods keep serving as far as the rollout strategy allows. Repair the cause, then run again.',
  blames: 'release',
});

export const TooManyBroken = defineFinding({
  code: 'TOO_MANY_BROKEN',
  severity: 'blocks',
  title: 'More workloads of a wave fail since their restart than `on.broken` allows.',
  cause:
    'Each of them was healthy before, and its team has not changed it since. One such workload can be an accident; this many are not.',
  fix: 'Look at the logs of these pods, find the cause, and try again. If the release is not the cause, repair or waive the workloads, or raise `on.broken`.',
  blames: 'release',
});

export const WorkloadSuspected = defineFinding({
  code: 'WORKLOAD_SUSPECTED',
  severity: 'blocks',
  title: 'The application of a workload fails since its restart.',
  cause:
    'It was healthy before and its pod template was not changed since, but for two minutes and three restarts a container of the application has not come up. The new proxy can be the cause. Up to `on.broken`, such workloads are set aside; with more of them the release is to blame.',
  fix: 'Look at the logs of the pod. The rollout goes on by itself when the container comes up. Or waive the workload.',
  blames: 'workload',
  setsAside: true,
  suspected: true,
});

export const RolloutStuck = defineFinding({
  code: 'ROLLOUT_STUCK',
  severity: 'blocks',
  title: 'A rollout makes no progress, and the cause is not known.',
  cause:
    'The progress deadline of the Deployment is over, or nothing has changed for pace.rolloutTimeout: new pods are not ready, or are not created. The new proxy can be the cause. Up to `on.broken`, such workloads are set aside; with more of them the release is to blame.',
  fix: 'Look at the events of its pods and repair the cause; the rollout then goes on by itself. Or waive the workload.',
  blames: 'workload',
  setsAside: true,
  suspected: true,
});

export const WorkloadBroken = defineFinding({
  code: 'WORKLOAD_BROKEN',
  severity: 'blocks',
  title: 'A new pod of a workload does not come up, and the new proxy is not the cause.',
  cause:
    'The image of the application cannot be pulled, its config is wrong, its template was changed after the restart or was being rolled out then, it was not healthy before the upgrade, or its pods with the old proxy fail in the same way. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'The team of the workload repairs it; its rollout then goes on by itself. Or waive the workload.',
  blames: 'workload',
  setsAside: true,
});

export const NoRoom = defineFinding({
  code: 'NO_ROOM',
  severity: 'blocks',
  title: 'There is no room for the new pod of a workload.',
  cause:
    'No node has had room for it for pace.roomTimeout, or the quota of its namespace is used up. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'Make room (nodes, quota); its rollout then goes on by itself. Or waive the workload.',
  blames: 'surroundings',
  setsAside: true,
});

export const NodeLost = defineFinding({
  code: 'NODE_LOST',
  severity: 'blocks',
  title: 'The node of a pod does not report.',
  cause:
    'The kubelet of the node has not started the pod for a minute, or the node was marked as not ready while the containers of the pod were. The workload is set aside: the upgrade goes on with the others.',
  fix: 'Look at the node (`kubectl get nodes`), repair or remove it; the rollout then goes on by itself.',
  blames: 'surroundings',
  setsAside: true,
});

export const PodDoesNotEnd = defineFinding({
  code: 'POD_DOES_NOT_END',
  severity: 'blocks',
  title: 'A pod does not end, and its successor waits for it.',
  cause:
    'A finalizer holds it, its node does not answer, or its process ignores the end of the grace period. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'Look at its finalizers and its node, remove what holds it, then run again.',
  blames: 'surroundings',
  setsAside: true,
});
