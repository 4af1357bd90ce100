import type { Finding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { ambient } from './ambient.ts';
import { canaryLabels } from './canary-labels.ts';
import { cluster } from './cluster.ts';
import { configuration } from './configuration.ts';
import { controlPlanes } from './control-planes.ts';
import type { Check } from './define-check.ts';
import { dependents } from './dependents.ts';
import { asObserved, gateMode } from './gate-mode.ts';
import { health } from './health.ts';
import { injections } from './injections.ts';
import { surroundings } from './inspect.ts';
import { istioFindings } from './istio-findings.ts';
import { namespaces } from './namespaces.ts';
import { outsideIstiod } from './outside-istiod.ts';
import { owners } from './owners.ts';
import { podChanges } from './pod-changes.ts';
import { power } from './power.ts';
import { prospects } from './prospects.ts';
import { rivalRestarters } from './rivals.ts';
import { sail } from './sail.ts';
import { sight } from './sight.ts';
import { tags } from './tags.ts';
import { targetRelease } from './target-release.ts';
import { versions } from './versions.ts';
import { waivers } from './waivers.ts';
import { workloads } from './workloads.ts';

/** The topics of stage 1, in the order in which their findings are listed. */
export const checks = [
  cluster,
  versions,
  tags,
  controlPlanes,
  outsideIstiod,
  targetRelease,
  configuration,
  owners,
  sail,
  namespaces,
  canaryLabels,
  workloads,
  ambient,
  dependents,
  rivalRestarters,
  health,
  waivers,
  injections,
  prospects,
  podChanges,
  istioFindings,
  gateMode,
  surroundings,
  sight,
  power,
] as const satisfies readonly Check[];

export type CheckedAspect = (typeof checks)[number]['looksAt'][number];

/** The parts of the world that stage 1 asks for. */
export const checkedAspects: readonly CheckedAspect[] = [
  ...new Set(checks.flatMap(({ looksAt }): readonly CheckedAspect[] => looksAt)),
];

/** The findings of all checks, blocking or not. */
export const findAll = (world: Pick<World, CheckedAspect>, plan: Plan): readonly Finding[] =>
  asObserved(
    checks.flatMap((check) => check.find(world, plan)),
    plan,
  );
