import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Config, WaveConfig } from '../config/config.ts';
import { belongsTo, selectsFor, type Upgrade } from '../mesh/belongs-to.ts';
import { namespacesThatLeft } from '../mesh/disturbances.ts';
import { isOfGatewayApi } from '../mesh/gateway-wave.ts';
import { selectionOf } from '../mesh/injection.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import { awaitsOthers, type InstallerKind, installerOf } from '../model/installer-kind.ts';
import { matchesGlob } from '../model/matches-glob.ts';
import { matchesLabels } from '../model/matches-labels.ts';
import { type Plan, strategyOf, type Wave } from '../model/plan.ts';
import { nextRelease, type ReleaseNames, releaseOf } from '../model/release-name.ts';
import type { Revision } from '../model/revision.ts';
import type { Values } from '../model/values.ts';
import type { Workload, World } from '../model/world.ts';
import { podsElsewhere } from '../rollout/next-restarts.ts';
import { chunks, groupsOfRest, isGroupOf, named, restOf, sizeOf } from './groups-of-rest.ts';

export const WaveEmpty = defineFinding({
  code: 'WAVE_EMPTY',
  severity: 'blocks',
  title: 'A wave of the config matches no namespace that the tag injects.',
  cause: 'Its namespaces do not exist, follow another tag, or are already in an earlier wave.',
  fix: 'Correct its namespaces, or take the wave out.',
  blames: 'person',
});

export const WavesOverlap = defineFinding({
  code: 'WAVES_OVERLAP',
  severity: 'blocks',
  title: 'A namespace is in two waves.',
  cause: 'Two waves of the config name it, or cover it by a pattern.',
  fix: 'Name it once.',
  blames: 'person',
});

export const NamespaceNotOfTag = defineFinding({
  code: 'NAMESPACE_NOT_OF_TAG',
  severity: 'blocks',
  title: 'A namespace of a wave is not injected through the tag.',
  cause: 'It has no injection label, or follows another revision or tag.',
  fix: 'Label it istio.io/rev=TAG, or take it out of the wave.',
  blames: 'person',
});

export const NamespaceUnknown = defineFinding({
  code: 'NAMESPACE_UNKNOWN',
  severity: 'blocks',
  title: 'A namespace of a wave does not exist.',
  cause: 'Its name in the config is misspelt, or it was deleted.',
  fix: 'Correct its name.',
  blames: 'person',
});

type Observed = Pick<World, 'identity' | 'controlPlanes' | 'tags' | 'webhooks' | 'namespaces' | 'workloads'>;

/** An upgrade that is under way. */
export interface UnderWay {
  plan: Plan;
  /** Namespaces of its wave "*" that stay in the plan although they do not follow the tag any more. */
  stays: ReadonlySet<string>;
  /** Whether the install of the new istiod has begun. */
  isInstalled?: boolean;
}

/**
 * Resolves a config against the cluster into what a run will do; pure.
 * @param from the revision to leave: what the tag names, or what the journal says once the tag has moved
 * @param given what the installer of `from` was given, if that is known
 * @param underWay when the plan is for the rest of an upgrade: namespaces then stay in the groups that they have
 * @returns the plan, and why it cannot be followed: waves that match nothing, that overlap, or that the tag does not reach
 */
export function makePlan(
  world: Observed,
  config: Config,
  from: Revision,
  runId: string,
  underWay?: UnderWay,
  given?: Values,
): { plan: Plan; problems: readonly Problem[] } {
  const { target, mesh, gate, pace, soakMs, waivers, on } = config;
  const direction = 'forward';
  const labelled = underWay?.plan.byLabel ?? [];
  const upgrade: Upgrade = { tag: mesh.tag, byLabel: labelled, direction, from, to: target.revision };
  const gateways = config.gateways.length > 0 ? config.gateways : foundGateways(world, upgrade);
  const governed = governedNamespaces(world, upgrade, gateways);
  const { waves, problems } = resolveWaves(config.waves, governed, world.namespaces, underWay);
  const rest = restIn(config.waves);
  const plan: Plan = {
    schema: 1,
    clusterUid: world.identity.clusterUid,
    istioNamespace: mesh.namespace,
    tag: mesh.tag,
    direction,
    ...byStrategy(config, waves, labelled),
    from,
    to: target.revision,
    versions: { from: world.controlPlanes.get(from)?.version ?? '', to: target.version },
    install: {
      set: target.set,
      ...(target.valuesFiles.length > 0 && { valuesFiles: target.valuesFiles }),
      carriesOver: target.carryOver,
      accept: target.accept,
      ...(target.carryOver && given !== undefined && { carried: given }),
      ...(leavesDefaultTag(world, config, underWay) && { leavesDefaultTag: true as const }),
    },
    gateways: [...gateways].sort(),
    ...gatewaysThatFollow(world, mesh.tag, from, underWay),
    waves,
    ...(rest && { rest }),
    gate,
    waivers,
    pace,
    broken: on.broken,
    soakMs,
    ...(mesh.tagOwner === undefined ? {} : { tagOwner: mesh.tagOwner }),
    ...(mesh.namespaceOwner === undefined ? {} : { namespaceOwner: mesh.namespaceOwner }),
    ...installerFor(world, from, config, underWay),
    ...(target.allowDowngrade ? { allowDowngrade: true } : {}),
    ...(config.ignoreFindings.length === 0 ? {} : { ignoreFindings: config.ignoreFindings }),
    bare: world.workloads.filter((workload) => isBare(workload, upgrade)).map(({ id }) => id),
    runId,
  };
  // Without the tag nothing follows it: stage 1 reports that, and findings about waves would only repeat the same cause.
  return { plan, problems: revisionOfTag(world, mesh.tag) === undefined ? [] : problems };
}

/** Left out where it is istioctl, as in plans of releases that knew no other. */
function installerFor(
  world: Observed,
  from: Revision,
  config: Config,
  underWay: UnderWay | undefined,
): Pick<Plan, 'installer' | 'releases' | 'externalTimeoutMs'> {
  const installer = config.mesh.installer?.kind ?? installerByMarks(world, from, underWay);
  if (installer === 'istioctl') return {};
  return {
    installer,
    ...(installer === 'helm' && { releases: underWay?.plan.releases ?? releasesIn(world, from, config) }),
    ...(awaitsOthers({ installer }) && { externalTimeoutMs: config.externalTimeoutMs }),
  };
}

/** By the marks on the istiods. One that a person has installed may have any name. */
function releasesIn({ controlPlanes }: Observed, from: Revision, { mesh, target }: Config): ReleaseNames {
  const of = (revision: Revision) => releaseOf(controlPlanes.get(revision)?.owner, mesh.namespace);
  return { from: of(from), to: of(target.revision) ?? nextRelease(of(from), from, target.revision, mesh.namespace) };
}

/** What installed the old istiod installs the new one. Once the old one is gone, the plan that removed it knows. */
function installerByMarks({ controlPlanes }: Observed, from: Revision, underWay: UnderWay | undefined): InstallerKind {
  const { deployment, owner } = controlPlanes.get(from) ?? {};
  if (deployment === undefined && underWay !== undefined) return installerOf(underWay.plan);
  if (owner === undefined || owner.by === 'istioctl') return 'istioctl';
  // An upgrade that was begun by others is ended by them.
  const isAwaited = underWay !== undefined && awaitsOthers(underWay.plan);
  return owner.by === 'helm' && !isAwaited ? 'helm' : 'external';
}

/** What the new istiod was installed with stays what it is, also when someone makes or removes the tag `default` meanwhile. */
function leavesDefaultTag({ tags }: Observed, { mesh }: Config, underWay: UnderWay | undefined): boolean {
  // Others may have installed it already, and no mark says so.
  const mayBeInstalled = underWay !== undefined && (underWay.isInstalled === true || awaitsOthers(underWay.plan));
  if (mayBeInstalled) return underWay.plan.install.leavesDefaultTag === true;
  return mesh.tag !== 'default' && revisionOfTag({ tags }, 'default') === undefined;
}

const isBare = (workload: Workload, upgrade: Upgrade): boolean =>
  belongsTo(workload, upgrade) && workload.pods.size === 1 && workload.pods.has('none');

/** What has a label already keeps it until it is put back, whatever the config says now. */
function byStrategy(
  { strategy }: Config,
  [canary]: readonly Wave[],
  labelled: readonly string[],
): Pick<Plan, 'strategy' | 'byLabel'> {
  const chosen = strategy === 'canary-first' ? (canary?.namespaces ?? []) : [];
  const byLabel = [...new Set([...chosen, ...labelled])].sort();
  return {
    ...(strategy === 'canary-first' && { strategy }),
    ...(byLabel.length > 0 && { byLabel }),
  };
}

/** The revision that a tag names by its webhook; `undefined` without one. */
export function revisionOfTag({ tags }: Pick<World, 'tags'>, tag: string): Revision | undefined {
  return tags.get(tag)?.find(({ kind }) => kind === 'webhook')?.revision;
}

function foundGateways({ workloads }: Observed, upgrade: Upgrade): readonly string[] {
  return workloads
    .filter((workload) => workload.isGateway && belongsTo(workload, upgrade))
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

/**
 * Deployments of Gateway API gateways. Only the istiod of the tag `default` replaces them by itself (istio/istio#59959). While the upgrade
 * is under way, they no longer run the old proxy, and the plan of its begin knows them.
 */
function gatewaysThatFollow(
  { workloads }: Observed,
  tag: string,
  from: Revision,
  underWay: UnderWay | undefined,
): Pick<Plan, 'gatewaysOfTag'> {
  if (underWay !== undefined) {
    const { gatewaysOfTag } = underWay.plan;
    return gatewaysOfTag === undefined ? {} : { gatewaysOfTag };
  }
  const found = workloads
    .filter((workload) => tag === 'default' && isOfGatewayApi(workload) && workload.pods.has(from))
    .map(({ namespace, name }) => `${namespace}/${name}`);
  return found.length === 0 ? {} : { gatewaysOfTag: found.sort() };
}

/** Namespaces that are part of the upgrade, but for those that hold nothing but planned gateways. */
function governedNamespaces(
  { namespaces, webhooks, workloads }: Pick<World, 'namespaces' | 'webhooks' | 'workloads'>,
  upgrade: Upgrade,
  gateways: readonly string[],
): ReadonlySet<string> {
  const planned = new Set(gateways);
  const byNamespace = Map.groupBy(
    workloads.filter((workload) => belongsTo(workload, upgrade)),
    ({ namespace }) => namespace,
  );
  const onlyGateways = (name: string) => {
    const members = byNamespace.get(name) ?? [];
    return members.length > 0 && members.every((workload) => planned.has(`${workload.namespace}/${workload.name}`));
  };
  const names = [...namespaces.values()]
    .filter(
      ({ name, labels, terminating }) =>
        !terminating && (byNamespace.has(name) || selectsFor(selectionOf(webhooks, labels, {}), name, upgrade)),
    )
    .map(({ name }) => name);
  return new Set(names.filter((name) => !onlyGateways(name)));
}

function resolveWaves(
  configs: readonly WaveConfig[],
  governed: ReadonlySet<string>,
  namespaces: World['namespaces'],
  underWay: UnderWay | undefined,
): { waves: readonly Wave[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const namedWaves = waveOfNames(configs);
  const selected = new Set(configs.flatMap(({ name, selector }) => (selector === undefined ? [] : [name])));
  const waves: Wave[] = [];
  for (const config of configs) {
    const isRest = config.namespaces === '*';
    const reached = isRest ? new Set([...governed, ...(underWay?.stays ?? [])]) : governed;
    const chosen = chooseNamespaces(config, reached, namespaces, { taken, named: namedWaves, selected }, problems);
    for (const name of chosen) taken.set(name, config.name);
    const before = isRest ? groupsBefore(config, underWay?.plan) : [];
    // What an upgrade that is under way has left of the wave "*" may be nothing: its namespaces were deleted.
    if (chosen.length === 0 && before.length === 0 && !(isRest && underWay?.plan.rest !== undefined))
      problems.push(WaveEmpty.of(`Wave "${config.name}" matches no namespace that the tag injects.`, [...governed]));
    const group = { wave: config.name, atOnce: config.atOnce };
    waves.push(
      ...(isRest ? groupsOfRest(group, chosen, before) : named(group, chunks(chosen, sizeOf(group, chosen.length)))),
    );
  }
  return { waves, problems };
}

/**
 * A plan with the namespaces that its wave "*" has now. What was deleted leaves it; what left the tag with sidecars in its pods stays.
 * @param who joins: all that the tag injects, or only namespaces with pods on another proxy
 */
export function withRestOfNow(
  plan: Plan,
  world: Pick<World, 'namespaces' | 'webhooks' | 'workloads'>,
  who: 'all' | 'to restart',
): Plan {
  const { rest } = plan;
  if (rest === undefined) return plan;
  const groups = restOf(plan);
  const known = new Set(groups.flatMap(({ namespaces }) => namespaces));
  const others = plan.waves.filter((wave) => !groups.includes(wave));
  const taken = new Set(others.flatMap(({ namespaces }) => namespaces));
  const behind = new Set(
    world.workloads
      .filter((workload) => belongsTo(workload, plan) && podsElsewhere(workload, plan) > 0)
      .map(({ namespace }) => namespace),
  );
  const governed = [...governedNamespaces(world, plan, plan.gateways)].filter(
    (name) =>
      !taken.has(name) && !isExcepted(name, rest.except) && (known.has(name) || who === 'all' || behind.has(name)),
  );
  const left = namespacesThatLeft(world, plan).flatMap(({ objects }) => objects.filter((name) => known.has(name)));
  return { ...plan, waves: [...others, ...groupsOfRest(rest, [...new Set([...governed, ...left])], groups)] };
}

/** The wave "*" of a config. */
function restIn(configs: readonly WaveConfig[]): Plan['rest'] {
  const rest = configs.find(({ namespaces }) => namespaces === '*');
  return rest && { wave: rest.name, atOnce: rest.atOnce, ...(rest.except !== undefined && { except: rest.except }) };
}

/** The groups that namespaces stay in, unless the config changed how the wave is divided. */
function groupsBefore(config: WaveConfig, plan: Plan | undefined): readonly Wave[] {
  const isSame = plan?.rest?.wave === config.name && isDeepStrictEqual(plan.rest.atOnce, config.atOnce);
  return plan !== undefined && isSame ? restOf(plan) : [];
}

/** A name is more exact than the pattern of another wave that covers it, and wins. */
function waveOfNames(configs: readonly WaveConfig[]): ReadonlyMap<string, string> {
  return new Map(
    configs.flatMap(({ name: wave, namespaces }) =>
      namespaces === '*' ? [] : namespaces.filter((name) => !name.includes('*')).map((name) => [name, wave] as const),
    ),
  );
}

interface Choices {
  /** The wave that has a namespace already. */
  taken: ReadonlyMap<string, string>;
  /** The wave that names it. */
  named: ReadonlyMap<string, string>;
  /** Waves that choose by labels. */
  selected: ReadonlySet<string>;
}

const isExcepted = (name: string, except: readonly string[] = []): boolean =>
  except.some((pattern) => matchesGlob(name, pattern));

function chooseNamespaces(
  { name: wave, namespaces: wanted, selector, except = [] }: WaveConfig,
  all: ReadonlySet<string>,
  namespaces: World['namespaces'],
  { taken, named, selected }: Choices,
  problems: Problem[],
): readonly string[] {
  const governed = new Set([...all].filter((name) => !isExcepted(name, except)));
  if (wanted === '*') return [...governed].filter((name) => !taken.has(name)).sort();
  if (selector !== undefined)
    return [...governed]
      .filter((name) => !taken.has(name) && !named.has(name))
      .filter((name) => matchesLabels(selector, namespaces.get(name)?.labels ?? {}))
      .sort();
  const chosen = new Set<string>();
  for (const pattern of wanted) {
    const isGlob = pattern.includes('*');
    const ours = (name: string) => (named.get(name) ?? wave) === wave;
    const matched = isGlob ? [...governed].filter((name) => ours(name) && matchesGlob(name, pattern)) : [pattern];
    for (const name of matched) {
      const before = taken.get(name);
      if (isExcepted(name, except)) continue;
      if (isGlob && before !== undefined && selected.has(before)) continue;
      if (before !== undefined)
        problems.push(WavesOverlap.of(`Namespace ${name} is in wave "${before}" and in wave "${wave}".`, [name]));
      else if (governed.has(name)) chosen.add(name);
      else
        problems.push(
          namespaces.has(name)
            ? NamespaceNotOfTag.of(`Namespace ${name} of wave "${wave}" is not injected through the tag.`, [name])
            : NamespaceUnknown.of(`Namespace ${name} of wave "${wave}" does not exist.`, [...governed]),
        );
    }
  }
  return [...chosen].sort();
}

/** Twelve characters that identify a plan. Neither the user that runs it is part of it, nor which namespaces the wave "*" has at the moment. */
export function hashPlan({
  runId: _runId,
  bare: _bare,
  broken: _broken,
  tagOwner: _tagOwner,
  namespaceOwner: _namespaceOwner,
  installer: _installer,
  releases: _releases,
  externalTimeoutMs: _externalTimeoutMs,
  byLabel: _byLabel,
  tagLacks: _lacks,
  allowDowngrade: _allowDowngrade,
  ignoreFindings: _ignoreFindings,
  ...all
}: Plan): string {
  const { rest, waves, install, gate } = all;
  const { set, valuesFiles } = install;
  const plan = {
    ...all,
    // An upgrade that an earlier release began has the hash of a plan without it.
    gate: { ...gate, match: gate.match === '' ? undefined : gate.match },
    install: { set, valuesFiles },
    waves: waves.filter(({ name }) => rest === undefined || !isGroupOf(name, rest.wave)),
  };
  return createHash('sha256').update(JSON.stringify(plan, sortedKeys)).digest('hex').slice(0, 12);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What namespaces joined, left or changed their wave, in words. */
export function movesBetween(before: Plan, after: Plan): readonly string[] {
  const moves: string[] = [];
  const waveOf = (plan: Plan) =>
    new Map(plan.waves.flatMap(({ name, namespaces }) => namespaces.map((namespace) => [namespace, name])));
  const [old, now] = [waveOf(before), waveOf(after)];
  for (const [namespace, wave] of now)
    if (!old.has(namespace)) moves.push(`namespace ${namespace} joined wave ${wave}`);
  for (const [namespace, wave] of old) {
    const moved = now.get(namespace);
    if (moved === undefined) moves.push(`namespace ${namespace} left wave ${wave}`);
    else if (moved !== wave) moves.push(`namespace ${namespace} went from wave ${wave} to ${moved}`);
  }
  return moves;
}

/** The differences in words, so that a person can decide. */
export function differencesOf(before: Plan, after: Plan): readonly string[] {
  const differences = [...movesBetween(before, after)];
  for (const key of ['from', 'to', 'tag', 'soakMs'] as const)
    if (before[key] !== after[key]) differences.push(`${key} was ${before[key]}, now ${after[key]}`);
  const [was, is] = [before, after].map(strategyOf);
  if (was !== is) differences.push(`strategy was ${was}, now ${is}`);
  for (const key of ['rest', 'gateways', 'gate', 'waivers', 'pace', 'install', 'versions'] as const)
    if (JSON.stringify(before[key], sortedKeys) !== JSON.stringify(after[key], sortedKeys))
      differences.push(`${key} changed`);
  return differences;
}
