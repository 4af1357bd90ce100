import * as actionErrors from '../action/action-errors.ts';
import * as inputErrors from '../action/input-errors.ts';
import { checks } from '../checks/checks.ts';
import * as defaultTagTaken from '../checks/default-tag-taken.ts';
import type { Definition } from '../checks/define-check.ts';
import * as tagMarks from '../checks/tag-marks.ts';
import * as whatRemovalTakes from '../checks/what-removal-takes.ts';
import * as configErrors from '../config/config-errors.ts';
import * as restartWorkload from '../effects/restart-workload.ts';
import * as engineErrors from '../engine/engine-errors.ts';
import * as journalNotWritten from '../engine/journal-not-written.ts';
import * as leftBehind from '../engine/left-behind.ts';
import * as lockErrors from '../engine/lock-errors.ts';
import * as reasons from '../engine/reasons.ts';
import * as requestErrors from '../engine/request-errors.ts';
import * as walk from '../engine/walk.ts';
import * as gateChecks from '../gate/gates/checks.ts';
import * as controlPlaneGate from '../gate/gates/control-plane.ts';
import * as redBeforeStart from '../gate/red-before-start.ts';
import * as commandErrors from '../installers/command-errors.ts';
import * as helmErrors from '../installers/helm-errors.ts';
import * as inventoryErrors from '../inventory/inventory-errors.ts';
import * as istioctlErrors from '../istioctl/istioctl-errors.ts';
import * as clusterErrors from '../kubernetes/cluster-errors.ts';
import * as disturbances from '../mesh/disturbances.ts';
import * as configurations from '../mesh/observe/configurations.ts';
import * as references from '../mesh/references.ts';
import * as tagStrays from '../mesh/tag-strays.ts';
import type { FindingForm } from '../model/finding.ts';
import type { ErrorForm } from '../model/upgrade-error.ts';
import * as makePlan from '../plan/make-plan.ts';
import * as planErrors from '../plan/plan-errors.ts';
import * as prometheusErrors from '../prometheus/prometheus-errors.ts';
import * as proposalErrors from '../proposal/proposal-errors.ts';
import * as nextRestarts from '../rollout/next-restarts.ts';
import * as refusals from '../rollout/refusals.ts';
import * as rolloutFindings from '../rollout/rollout-findings.ts';
import * as waveProgress from '../rollout/wave-progress.ts';
import * as installControlPlane from '../stages/2-install-control-plane.ts';
import * as removeOldRevision from '../stages/8-remove-old-revision.ts';
import * as confirm from '../verbs/confirm.ts';
import * as describeFailure from '../verbs/describe-failure.ts';
import * as expectCluster from '../verbs/expect-cluster.ts';
import * as findMesh from '../verbs/find-mesh.ts';

/** The files that define codes which no check lists. test/catalogue/catalogue.test.ts proves that none is missing. */
const sources = [
  actionErrors,
  inputErrors,
  gateChecks,
  controlPlaneGate,
  redBeforeStart,
  configErrors,
  restartWorkload,
  engineErrors,
  journalNotWritten,
  leftBehind,
  lockErrors,
  requestErrors,
  reasons,
  walk,
  inventoryErrors,
  commandErrors,
  helmErrors,
  tagMarks,
  istioctlErrors,
  clusterErrors,
  disturbances,
  configurations,
  references,
  tagStrays,
  makePlan,
  planErrors,
  prometheusErrors,
  proposalErrors,
  nextRestarts,
  refusals,
  rolloutFindings,
  waveProgress,
  defaultTagTaken,
  installControlPlane,
  whatRemovalTakes,
  removeOldRevision,
  confirm,
  describeFailure,
  expectCluster,
  findMesh,
] as const;

type Listed = (typeof checks)[number]['finds'][number];
type Exported = (typeof sources)[number] extends infer Source
  ? Source extends unknown
    ? Source[keyof Source]
    : never
  : never;
type CodeOf<T> = T extends { readonly definition: { readonly code: infer C extends string } } ? C : never;

/** Every code that a run can meet. A code without a definition does not compile. */
export type Code = CodeOf<Exported | Listed>;

/** The catalogue, by code. */
export const catalogue: readonly (FindingForm | ErrorForm<never[]>)[] = [
  ...checks.flatMap(({ finds }): readonly Definition[] => finds),
  ...sources.flatMap((source): readonly unknown[] => Object.values(source)).filter(isDefinition),
]
  .map(({ definition }) => definition)
  .sort((a, b) => (a.code < b.code ? -1 : 1));

/** Whether a problem can have this code, which a person wrote; `IST0101` is one of the family ISTNNNN. */
export const isCode = (text: string): boolean =>
  catalogue.some(({ code }) => code === text.replace(/^IST\d{4}$/, 'ISTNNNN')) && text !== 'ISTNNNN';

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && 'definition' in value;
}
