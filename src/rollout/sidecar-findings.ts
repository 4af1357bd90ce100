import { defineFinding } from '../model/finding.ts';

export const SidecarRefused = defineFinding({
  code: 'SIDECAR_REFUSED',
  severity: 'blocks',
  title: 'New pods are refused because of the new sidecar.',
  cause:
    'Dry-run pods of the same template are accepted with the old sidecar and refused with the new one, for example because the new revision injects istio-init, which needs NET_ADMIN, into a namespace under PodSecurity `baseline`, and the old one used istio-cni.',
  fix: 'Install the new revision in the way of the old one (target.set, target.values), or change the policy that the message names; then run again.',
  blames: 'release',
});

export const WorkloadRefused = defineFinding({
  code: 'WORKLOAD_REFUSED',
  severity: 'blocks',
  title: 'The new pods of one workload are refused with the new sidecar, those of others like it are not.',
  cause:
    'A policy about this workload alone refuses its pods with the new sidecar and accepts them with the old one. The workload is set aside: the upgrade goes on with the others, and the old istiod stays as long as a pod uses it.',
  fix: 'The old pods keep serving. Change the policy that the message names, or waive the workload.',
  blames: 'workload',
  setsAside: true,
});
