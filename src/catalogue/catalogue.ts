import * as actionErrors from '../action/action-errors.ts';
import * as inputErrors from '../action/input-errors.ts';
import * as cluster from '../checks/cluster.ts';
import * as controlPlanes from '../checks/control-planes.ts';
import * as injections from '../checks/injections.ts';
import * as istioFindings from '../checks/istio-findings.ts';
import * as namespaces from '../checks/namespaces.ts';
import * as release from '../checks/release.ts';
import * as rights from '../checks/rights.ts';
import * as room from '../checks/room.ts';
import * as tags from '../checks/tags.ts';
import * as versions from '../checks/versions.ts';
import * as waivers from '../checks/waivers.ts';
import * as workloads from '../checks/workloads.ts';
import * as configErrors from '../config/config-errors.ts';
import * as engineErrors from '../engine/engine-errors.ts';
import * as lockErrors from '../engine/lock-errors.ts';
import * as reasons from '../engine/reasons.ts';
import * as walk from '../engine/walk.ts';
import * as gateChecks from '../gate/gates/checks.ts';
import * as clientSide from '../gate/gates/client-side.ts';
import * as controlPlaneGate from '../gate/gates/control-plane.ts';
import * as serverSide from '../gate/gates/server-side.ts';
import * as inventoryErrors from '../inventory/inventory-errors.ts';
import * as istioctlErrors from '../istioctl/istioctl-errors.ts';
import * as clusterErrors from '../kubernetes/cluster-errors.ts';
import * as disturbances from '../mesh/disturbances.ts';
import * as tagStrays from '../mesh/tag-strays.ts';
import type { DefinedFamily, DefinedFinding, FindingForm } from '../model/finding.ts';
import type { DefinedError, ErrorForm } from '../model/upgrade-error.ts';
import * as makePlan from '../plan/make-plan.ts';
import * as planErrors from '../plan/plan-errors.ts';
import * as prometheusErrors from '../prometheus/prometheus-errors.ts';
import * as nextRestarts from '../rollout/next-restarts.ts';
import * as waveProgress from '../rollout/wave-progress.ts';
import * as installControlPlane from '../stages/2-install-control-plane.ts';
import * as removeOldRevision from '../stages/8-remove-old-revision.ts';
import * as describeFailure from '../verbs/describe-failure.ts';

/** The files that define codes. test/catalogue/catalogue.test.ts proves that none is missing. */
const sources = [
  actionErrors,
  inputErrors,
  cluster,
  controlPlanes,
  injections,
  gateChecks,
  clientSide,
  controlPlaneGate,
  serverSide,
  room,
  release,
  istioFindings,
  namespaces,
  rights,
  tags,
  versions,
  waivers,
  workloads,
  configErrors,
  engineErrors,
  lockErrors,
  reasons,
  walk,
  inventoryErrors,
  istioctlErrors,
  clusterErrors,
  disturbances,
  tagStrays,
  makePlan,
  planErrors,
  prometheusErrors,
  nextRestarts,
  waveProgress,
  installControlPlane,
  removeOldRevision,
  describeFailure,
] as const;

type Exported = (typeof sources)[number] extends infer Source
  ? Source extends unknown
    ? Source[keyof Source]
    : never
  : never;
type CodeOf<T> = T extends { readonly definition: { readonly code: infer C extends string } } ? C : never;

/** Every code that a run can meet. A code without a definition does not compile. */
export type Code = CodeOf<Exported>;

/** The catalogue, by code. */
export const catalogue: readonly (FindingForm | ErrorForm<never[]>)[] = sources
  .flatMap((source): readonly unknown[] => Object.values(source))
  .filter(isDefinition)
  .map(({ definition }) => definition)
  .sort((a, b) => (a.code < b.code ? -1 : 1));

type Definition = DefinedFinding | DefinedFamily | DefinedError<never[]>;

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && 'definition' in value;
}
