import { loadConfig } from '../config/load-config.ts';
import type { Inventory } from '../inventory/inventory-schema.ts';
import { formatDuration, parseDuration, readDuration } from '../model/duration.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { newestAfter } from '../model/releases.ts';
import { type Candidate, candidatesOf, gatewaysOf } from './candidates.ts';
import type { PrometheusFound } from './find-prometheus.ts';
import { AnswerUnusable, NoReleaseFollows, NothingFollowsTag } from './proposal-errors.ts';
import { isEnough, powerOfTraffic, proposeBake, type WavePower } from './propose-bake.ts';
import { type ProposedWave, proposeCanary, proposeWaves } from './propose-waves.ts';
import { type Proposal, renderConfig } from './render-config.ts';

/** What is known of a mesh. */
export interface Known {
  inventory: Inventory;
  /** The context of the kubeconfig; left out for an inventory. */
  cluster?: string;
  /** Namespaces that a person calls critical, each with why. */
  critical: ReadonlyMap<string, string>;
  prometheus: PrometheusFound | undefined;
}

/** What a person has said before; left out: it is proposed. */
export interface Wishes {
  tag?: string;
  target?: string;
}

/**
 * One question to a person, with the answer that Enter gives.
 * @param refusal why an answer cannot be used; `undefined` if it can
 */
export type Ask = (
  question: string,
  proposed: string,
  refusal: (answer: string) => string | undefined,
) => Promise<string>;

/** Takes every proposal. */
export const unasked: Ask = async (_question, proposed) => proposed;

/** Of the traffic of the mesh itself, once its waves are known; empty if that is not known. */
export type Measure = (draft: string) => Promise<{ waves: readonly WavePower[]; intervalMs?: number }>;

const placeholder = 'http://prometheus.monitoring:9090';

/**
 * The config for a mesh, as text.
 * @param measure what the gate would notice of each wave of a draft; left out: by the traffic of the inventory
 * @throws UpgradeError NOTHING_FOLLOWS_TAG, NO_RELEASE_FOLLOWS, PROPOSAL_REFUSED
 */
export async function decide(
  known: Known,
  wishes: Wishes,
  ask: Ask = unasked,
  measure?: Measure,
): Promise<{ text: string; proposal: Proposal }> {
  const { inventory, prometheus } = known;
  const tag = await decideTag(inventory, wishes, ask);
  const from = originOf(inventory, tag);
  const target = await decideTarget(from.version, inventory, wishes, ask);
  const candidates = candidatesOf(inventory, tag, known.critical);
  const settings = defaultGate();
  const waves = await decideWaves(candidates, settings, ask);
  const draft: Proposal = {
    from,
    kubernetesVersion: inventory.kubernetesVersion,
    mesh: {
      tag,
      namespace: inventory.istioNamespace,
      ...(known.cluster !== undefined && { cluster: known.cluster }),
    },
    target,
    gateways: gatewaysOf(inventory, tag),
    waves,
    prometheus: describePrometheus(prometheus),
    bake: proposeBake([]),
  };
  const isCounted = candidates.some(({ rate }) => rate !== undefined);
  const measured = await (measure === undefined
    ? { waves: isCounted ? powersOf(waves, candidates, settings) : [] }
    : measure(renderConfig(draft)));
  const bake = proposeBake(measured.waves);
  const bakeText = await ask('How long does a wave bake?', formatDuration(bake.bakeMs), refusalOfBake);
  const bakeMs = parseDuration(bakeText);
  const proposal: Proposal = {
    ...draft,
    bake: { ...bake, bakeMs },
    ...('intervalMs' in measured && measured.intervalMs !== undefined && { intervalMs: measured.intervalMs }),
  };
  return { text: renderConfig(proposal), proposal };
}

async function decideTag(inventory: Inventory, { tag }: Wishes, ask: Ask): Promise<string> {
  const names = inventory.tags.map(({ name }) => name);
  const followed = (name: string) => candidatesOf(inventory, name).length;
  const best = ['default', ...names].toSorted((a, b) => followed(b) - followed(a))[0] ?? 'default';
  const chosen =
    tag ??
    (names.length > 1
      ? await ask(`Which revision tag is moved (${names.join(', ')})?`, best, (answer) =>
          names.includes(answer) ? undefined : 'is no revision tag of this mesh',
        )
      : best);
  if (followed(chosen) > 0) return chosen;
  const revisions = inventory.controlPlanes.map(({ revision }) => `revision ${revision}`);
  throw NothingFollowsTag.of(chosen, inventory.istioNamespace, [...names.map((name) => `tag ${name}`), ...revisions]);
}

/** The istiod that the tag names; that of a mesh without revisions is called like the tag. */
function originOf({ tags, controlPlanes }: Inventory, tag: string): Proposal['from'] {
  const revision = tags.find(({ name }) => name === tag)?.revision ?? tag;
  const version = controlPlanes.find((each) => each.revision === revision)?.version;
  return { revision, version: version ?? 'of an unknown release' };
}

async function decideTarget(
  from: string,
  { kubernetesVersion }: Inventory,
  { target }: Wishes,
  ask: Ask,
): Promise<Proposal['target']> {
  if (target !== undefined) {
    const refusal = refusalOfVersion(target);
    if (refusal !== undefined) throw AnswerUnusable.of(target, refusal);
    return { version: target, isNamed: true };
  }
  const newest = newestAfter(from, kubernetesVersion);
  if (newest === undefined) throw NoReleaseFollows.of(from, kubernetesVersion);
  const version = await ask(`Upgrade Istio ${from} to which release?`, newest, refusalOfVersion);
  return { version, isNamed: version !== newest };
}

async function decideWaves(
  candidates: readonly Candidate[],
  settings: GateSettings,
  ask: Ask,
): Promise<readonly ProposedWave[]> {
  const enough = isEnough(settings);
  const names = new Set(candidates.map(({ namespace }) => namespace));
  const proposed = proposeCanary(candidates, enough).map(({ namespace }) => namespace);
  const answer = await ask(
    'Which namespaces are the canary, which is restarted and judged first?',
    proposed.join(', '),
    (text) => {
      const unknown = wordsIn(text).filter((name) => !names.has(name));
      if (unknown.length > 0) return `names ${unknown.join(', ')}, where nothing follows the tag`;
      return wordsIn(text).length === 0 ? 'names no namespace' : undefined;
    },
  );
  return proposeWaves(candidates, enough, wordsIn(answer));
}

const wordsIn = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '');

function describePrometheus(found: PrometheusFound | undefined): Proposal['prometheus'] {
  if (found === undefined)
    return { url: placeholder, why: 'NOT FOUND: write the address of your Prometheus here', isSeen: false };
  const { url, series, why } = found;
  if (series === undefined) return { url, why: `does not answer yet: ${why ?? 'no reason given'}`, isSeen: false };
  return series === 0
    ? { url, why: 'answers, but has no metrics of Istio', isSeen: false }
    : { url, why: `has ${series} series of istio_requests_total`, isSeen: true };
}

function powersOf(
  waves: readonly ProposedWave[],
  candidates: readonly Candidate[],
  settings: GateSettings,
): readonly WavePower[] {
  const named = new Set(waves.flatMap(({ namespaces }) => (namespaces === '*' ? [] : namespaces)));
  return waves.map(({ name, namespaces }) => {
    const part = candidates.filter(({ namespace }) =>
      namespaces === '*' ? !named.has(namespace) : namespaces.includes(namespace),
    );
    return { wave: name, power: powerOfTraffic(part, settings) };
  });
}

/** The gate of a config that says nothing of it. */
export const defaultGate = (): GateSettings =>
  loadConfig(
    `target: { version: 1.0.0 }\nwaves: [{ name: canary, namespaces: [a] }]\ngate: { prometheus: "${placeholder}" }\n`,
    'defaults',
  ).gate;

const refusalOfVersion = (text: string): string | undefined =>
  /^\d+\.\d+\.\d+(?:-[0-9a-z]+(?:[.-][0-9a-z]+)*)?$/.test(text) ? undefined : 'is not a full version such as 1.31.0';

function refusalOfBake(text: string): string | undefined {
  const reading = readDuration(text);
  if (!reading.ok) return `${reading.message}; ${reading.instead}`;
  return reading.ms > 0 ? undefined : 'must be longer than zero';
}
