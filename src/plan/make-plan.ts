import { createHash } from 'node:crypto';
import type { Config, WaveConfig } from '../config/config.ts';
import { selectionOf } from '../mesh/injection.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import type { Plan, Wave } from '../model/plan.ts';
import type { Revision } from '../model/revision.ts';
import type { Workload, World } from '../model/world.ts';

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

/**
 * Resolves a config against the cluster into what a run will do; pure.
 * @param from the revision to leave: what the tag names, or what the journal says once the tag has moved
 * @returns the plan, and why it cannot be followed: waves that match nothing, that overlap, or that the tag does not reach
 */
export function makePlan(
  world: Observed,
  config: Config,
  from: Revision,
  runId: string,
): { plan: Plan; problems: readonly Problem[] } {
  const { target, mesh, gate, pace, soakMs, waivers, on } = config;
  const gateways = config.gateways.length > 0 ? config.gateways : foundGateways(world, mesh.tag);
  const governed = governedNamespaces(world, mesh.tag, gateways);
  const { waves, problems } = resolveWaves(config.waves, governed, world.namespaces);
  const plan: Plan = {
    schema: 1,
    clusterUid: world.identity.clusterUid,
    istioNamespace: mesh.namespace,
    tag: mesh.tag,
    direction: 'forward',
    from,
    to: target.revision,
    versions: { from: world.controlPlanes.get(from)?.version ?? '', to: target.version },
    install: { set: target.set, ...(target.valuesFile === undefined ? {} : { valuesFile: target.valuesFile }) },
    gateways: [...gateways].sort(),
    waves,
    gate,
    waivers,
    pace,
    broken: on.broken,
    soakMs,
    ...(mesh.tagOwner === undefined ? {} : { tagOwner: mesh.tagOwner }),
    bare: world.workloads.filter((workload) => isBare(workload, mesh.tag)).map(({ id }) => id),
    runId,
  };
  // Without the tag nothing follows it: stage 1 reports that, and findings about waves would only repeat the same cause.
  return { plan, problems: revisionOfTag(world, mesh.tag) === undefined ? [] : problems };
}

function isBare({ follows, pods }: Workload, tag: string): boolean {
  return follows?.tag === tag && pods.size === 1 && pods.has('none');
}

/** The revision that a tag names by its webhook; `undefined` without one. */
export function revisionOfTag({ tags }: Pick<World, 'tags'>, tag: string): Revision | undefined {
  return tags.get(tag)?.find(({ kind }) => kind === 'webhook')?.revision;
}

function foundGateways({ workloads }: Observed, tag: string): readonly string[] {
  return workloads
    .filter(({ isGateway, follows }) => isGateway && follows?.tag === tag)
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

/** Namespaces whose pods the tag injects, but for those that hold nothing but planned gateways. */
function governedNamespaces(
  { namespaces, webhooks, workloads }: Observed,
  tag: string,
  gateways: readonly string[],
): ReadonlySet<string> {
  const planned = new Set(gateways);
  const byNamespace = Map.groupBy(
    workloads.filter(({ follows }) => follows?.tag === tag),
    ({ namespace }) => namespace,
  );
  const onlyGateways = (name: string) => {
    const members = byNamespace.get(name) ?? [];
    return members.length > 0 && members.every((workload) => planned.has(`${workload.namespace}/${workload.name}`));
  };
  const names = [...namespaces.values()]
    .filter(
      ({ name, labels, terminating }) =>
        !terminating && (byNamespace.has(name) || selectionOf(webhooks, labels, {})?.tag === tag),
    )
    .map(({ name }) => name);
  return new Set(names.filter((name) => !onlyGateways(name)));
}

function resolveWaves(
  configs: readonly WaveConfig[],
  governed: ReadonlySet<string>,
  namespaces: World['namespaces'],
): { waves: readonly Wave[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const named = waveOfNames(configs);
  const waves: Wave[] = [];
  for (const config of configs) {
    const chosen = chooseNamespaces(config, governed, namespaces, { taken, named }, problems);
    for (const name of chosen) taken.set(name, config.name);
    if (chosen.length === 0)
      problems.push(WaveEmpty.of(`Wave "${config.name}" matches no namespace that the tag injects.`, [...governed]));
    waves.push(...inGroups(config, chosen));
  }
  return { waves, problems };
}

/** A name is more exact than the pattern of another wave that covers it, and wins. */
function waveOfNames(configs: readonly WaveConfig[]): ReadonlyMap<string, string> {
  return new Map(
    configs.flatMap(({ name: wave, namespaces }) =>
      namespaces === '*' ? [] : namespaces.filter((name) => !name.includes('*')).map((name) => [name, wave] as const),
    ),
  );
}

function chooseNamespaces(
  { name: wave, namespaces: wanted }: WaveConfig,
  governed: ReadonlySet<string>,
  namespaces: World['namespaces'],
  { taken, named }: { taken: ReadonlyMap<string, string>; named: ReadonlyMap<string, string> },
  problems: Problem[],
): readonly string[] {
  if (wanted === '*') return [...governed].filter((name) => !taken.has(name)).sort();
  const chosen = new Set<string>();
  for (const pattern of wanted) {
    const isGlob = pattern.includes('*');
    const ours = (name: string) => (named.get(name) ?? wave) === wave;
    const matched = isGlob ? [...governed].filter((name) => ours(name) && matchesGlob(name, pattern)) : [pattern];
    for (const name of matched) {
      const before = taken.get(name);
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

/** A wave that may not go all at once becomes several, each with its own bake and verdict. */
function inGroups({ name, atOnce }: WaveConfig, namespaces: readonly string[]): readonly Wave[] {
  const size = Math.max(1, 'count' in atOnce ? atOnce.count : Math.ceil(namespaces.length * atOnce.ratio));
  const groups = Math.ceil(namespaces.length / size);
  return Array.from({ length: groups }, (_, index) => ({
    name: groups === 1 ? name : `${name}-${index + 1}`,
    namespaces: namespaces.slice(index * size, (index + 1) * size),
  }));
}

function matchesGlob(name: string, pattern: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(name);
}

/** Twelve characters that identify a plan; the user that runs it is not part of it. */
export function hashPlan({ runId: _runId, bare: _bare, broken: _broken, tagOwner: _tagOwner, ...plan }: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan, sortedKeys)).digest('hex').slice(0, 12);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The differences in words, so that a person can decide. */
export function differencesOf(before: Plan, after: Plan): readonly string[] {
  const differences: string[] = [];
  const waveOf = (plan: Plan) =>
    new Map(plan.waves.flatMap(({ name, namespaces }) => namespaces.map((namespace) => [namespace, name])));
  const [old, now] = [waveOf(before), waveOf(after)];
  for (const [namespace, wave] of now)
    if (!old.has(namespace)) differences.push(`namespace ${namespace} joined wave ${wave}`);
  for (const [namespace, wave] of old) {
    const moved = now.get(namespace);
    if (moved === undefined) differences.push(`namespace ${namespace} left wave ${wave}`);
    else if (moved !== wave) differences.push(`namespace ${namespace} went from wave ${wave} to ${moved}`);
  }
  for (const key of ['from', 'to', 'tag', 'soakMs'] as const)
    if (before[key] !== after[key]) differences.push(`${key} was ${before[key]}, now ${after[key]}`);
  for (const key of ['gateways', 'gate', 'waivers', 'pace', 'install', 'versions'] as const)
    if (JSON.stringify(before[key], sortedKeys) !== JSON.stringify(after[key], sortedKeys))
      differences.push(`${key} changed`);
  return differences;
}
