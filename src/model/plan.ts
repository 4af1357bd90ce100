import type { GateSettings } from './gate-settings.ts';
import type { IgnoredFinding } from './ignored-finding.ts';
import type { InstallerKind } from './installer-kind.ts';
import type { StandsBack } from './owner.ts';
import type { Portion } from './portion.ts';
import type { ReleaseNames } from './release-name.ts';
import type { Revision } from './revision.ts';
import type { Values } from './values.ts';
import type { Waiver } from './waiver.ts';

/** What a run will do, as data: printed by `plan`, hashed, kept in the journal, refused when the cluster no longer fits it. */
export interface Plan {
  schema: 1;
  clusterUid: string;
  istioNamespace: string;
  tag: string;
  direction: Direction;
  /** Left out: tag-first. */
  strategy?: Strategy;
  /** Namespaces that are given the new revision by a label before the tag moves, and until the end. Not part of the hash. */
  byLabel?: readonly string[];
  from: Revision;
  to: Revision;
  versions: { from: string; to: string };
  install: InstallPlan;
  /** `namespace/name` of the injected gateways of stage 4. */
  gateways: readonly string[];
  /** `namespace/name` of the Deployments of Gateway API gateways, which the new istiod replaces when the tag moves. Left out if there is none. */
  gatewaysOfTag?: readonly string[];
  /** The first is the canary. */
  waves: readonly Wave[];
  /** Of the wave "*", if there is one: its name and the size of its groups. Which namespaces it has is not part of the hash. */
  rest?: { wave: string; atOnce: Portion; except?: readonly string[] };
  gate: GateSettings;
  /** Workloads that are left alone for a while. */
  waivers: readonly Waiver[];
  pace: { workloadsAtOnce: number; rolloutTimeoutMs: number; roomTimeoutMs: number; patienceMs: number };
  /** How many workloads of a wave may fail since their restart before the release is to blame: the greater of the two. Not part of the hash. */
  broken: { workloads: number; ratio: number };
  /** Between the two readings that prove `from` unused. */
  soakMs: number;
  /** What a person says of the owner of the tag's objects that no mark on them shows. Not part of the hash. */
  tagOwner?: StandsBack;
  /** The same of the owner of the canary's namespaces. Not part of the hash. */
  namespaceOwner?: StandsBack;
  /** Left out: istioctl. Not part of the hash. */
  installer?: InstallerKind;
  /** Of the istiods, where Helm installs and removes them. Not part of the hash. */
  releases?: ReleaseNames;
  /** How long a run waits for what others must do; ten minutes when left out. Not part of the hash. */
  externalTimeoutMs?: number;
  /** Whether the config allows that the target is older than the release that runs. Not part of the hash. */
  allowDowngrade?: true;
  /** Findings of istioctl that do not stop it. Not part of the hash. */
  ignoreFindings?: readonly IgnoredFinding[];
  /** Workloads that followed the tag when the upgrade began and had no proxy in any pod: they are left so. Not part of the hash. */
  bare: readonly string[];
  /** Of the way back: kinds of objects that the tag did not have when the upgrade began. What the upgrade made of them is removed. Not part of the hash. */
  tagLacks?: readonly TagPart[];
  /** With the direction it marks our restarts, so that a workload is restarted once per direction and run. Not part of the hash. */
  runId: string;
}

/** The objects that a revision tag can consist of. */
export const tagParts = ['webhook', 'Service', 'validator'] as const;

export type TagPart = (typeof tagParts)[number];

/** What the new istiod is installed with, and which settings of the old one it may lack. */
export interface InstallPlan {
  /** Files with an IstioOperator or with values; later ones win, and all of them win against what is carried over. */
  valuesFiles?: readonly string[];
  /** `PATH=VALUE` pairs; they win against the files. */
  set: readonly string[];
  /** The values that the old istiod was given; absent when they are not known. Not part of the hash, nor is what follows. */
  carried?: Values;
  /** Whether the config asks for that; absent in plans of release 0.1.0. */
  carriesOver?: boolean;
  /** The mesh has no tag `default`, and the install makes none. */
  leavesDefaultTag?: true;
  /** Paths of settings that may be lost. */
  accept?: readonly string[];
}

export type Direction = 'forward' | 'back';

/** What comes first: the move of the tag, or the verdict on the canary. */
export const strategies = ['tag-first', 'canary-first'] as const;

export type Strategy = (typeof strategies)[number];

/** Plans of releases that knew no other do not say. */
export const strategyOf = ({ strategy = 'tag-first' }: Pick<Plan, 'strategy'>): Strategy => strategy;

interface Way {
  direction: Direction;
  from: Revision;
  to: Revision;
}

/** The revision that the upgrade leads to, in whichever direction the plan goes. */
export const newRevision = ({ direction, from, to }: Way): Revision => (direction === 'forward' ? to : from);

/** Namespaces whose workloads restart together and are judged together. */
export interface Wave {
  name: string;
  namespaces: readonly string[];
}

/** The plan of the rollback: the tag first, then all that runs `from`, without gates. */
export function reversed(plan: Plan): Plan {
  return {
    ...plan,
    direction: plan.direction === 'forward' ? 'back' : 'forward',
    from: plan.to,
    to: plan.from,
    versions: { from: plan.versions.to, to: plan.versions.from },
    ...reversedReleases(plan),
  };
}

/** Nothing is installed on the way back: there the name of a release that is not known is not used. */
const reversedReleases = ({ releases }: Plan): Pick<Plan, 'releases'> =>
  releases === undefined ? {} : { releases: { from: releases.to, to: releases.from ?? releases.to } };
