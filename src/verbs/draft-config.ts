import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { loadConfig } from '../config/load-config.ts';
import { planFor } from '../engine/plan-for.ts';
import { systemClock } from '../engine/system-clock.ts';
import { InventoryUnusable } from '../inventory/inventory-errors.ts';
import { type Inventory, inventorySchema } from '../inventory/inventory-schema.ts';
import { takeInventory } from '../inventory/take-inventory.ts';
import { gatewayWaveName } from '../mesh/gateway-wave.ts';
import { observeSight } from '../mesh/observe/sight.ts';
import { observeMesh } from '../mesh/observe.ts';
import type { ClusterName } from '../model/cluster-name.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { Namespaces, Pods } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { createMetrics } from '../prometheus/client.ts';
import { type Ask, decide, defaultGate, type Measure, unasked, type Wishes } from '../proposal/decide.ts';
import { findPrometheus, type PrometheusFound, probe } from '../proposal/find-prometheus.ts';
import { AnswerUnusable } from '../proposal/proposal-errors.ts';
import type { Proposal } from '../proposal/render-config.ts';
import type { Caller } from './caller.ts';
import { type Connected, connectAnyway } from './connect.ts';
import type { VerbOptions } from './options.ts';
import { emitTo } from './verb.ts';

export interface Drafted {
  text: string;
  proposal: Proposal;
  /** Left out for an inventory. */
  name?: ClusterName;
}

/** A Prometheus that is slower than this is no help to a gate. */
const probeMs = 5_000;

/** The config that fits a mesh: of the cluster, or of an inventory that `export` wrote. Writes nothing. */
export async function draftConfig(options: VerbOptions, caller: Caller, ask: Ask = unasked): Promise<Drafted> {
  return options.inventory === undefined
    ? await draftForCluster(options, caller, ask)
    : await draftForInventory(options.inventory, options, ask);
}

async function draftForInventory(file: string, options: VerbOptions, ask: Ask): Promise<Drafted> {
  if (options.critical !== undefined)
    throw AnswerUnusable.of(options.critical, 'selects by labels, which an inventory does not contain');
  const inventory = readInventory(file);
  const { prometheus: url } = options;
  const prometheus = url === undefined ? undefined : { url, series: undefined, why: 'it was not asked' };
  return await decide({ inventory, critical: new Map(), prometheus }, wishesOf(options, inventory), ask);
}

async function draftForCluster(options: VerbOptions, caller: Caller, ask: Ask): Promise<Drafted> {
  const connected = await connectAnyway(options, caller, 'look', emitTo(caller));
  const { cluster, run, istioNamespace, name, close } = connected;
  try {
    const open = (url: string) =>
      createMetrics({ url, timeoutMs: probeMs }, { cluster, clock: systemClock, env: caller.env });
    const prometheus = await choosePrometheus(options.prometheus, cluster, open, ask);
    const metrics = prometheus?.series === undefined ? undefined : open(prometheus.url);
    const { labels, intervalMs, match } = defaultGate();
    const gate = metrics && { metrics, settings: { labels, intervalMs, match } };
    const inventory = await takeInventory({ cluster, istioNamespace, tag: run.tag, ...(gate && { gate }) });
    const critical = await criticalNamespaces(cluster, options.critical);
    const known = { inventory, cluster: name.context, critical, prometheus };
    const drafted = await decide(known, wishesOf(options), ask, metrics && measureBy(metrics, connected));
    return { ...drafted, name };
  } finally {
    await close();
  }
}

function wishesOf({ tag, target }: VerbOptions, inventory?: Inventory): Wishes {
  const chosen = tag ?? inventory?.tag;
  return { ...(chosen !== undefined && { tag: chosen }), ...(target !== undefined && { target }) };
}

/** @throws INVENTORY_UNUSABLE */
function readInventory(file: string): Inventory {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (failure) {
    throw InventoryUnusable.because(failure, `${file} cannot be read as JSON: ${messageOf(failure)}`);
  }
  const parsed = inventorySchema.safeParse(value);
  if (!parsed.success) throw InventoryUnusable.of(`${file} is no inventory: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.namesHashed)
    throw InventoryUnusable.of(`${file} has hashes instead of names, which no config can name`);
  return parsed.data;
}

/** The one that a person names, else the best of those that are found. */
async function choosePrometheus(
  named: string | undefined,
  cluster: Cluster,
  open: (url: string) => Metrics,
  ask: Ask,
): Promise<PrometheusFound | undefined> {
  if (named !== undefined) return await probe(named, open(named));
  const found = await findPrometheus(cluster, open);
  const [best] = found;
  const others = found.slice(1, 4).map(({ url }) => url);
  const question = `Where does Prometheus answer${others.length === 0 ? '' : ` (also found: ${others.join(', ')})`}?`;
  const answer = await ask(question, best?.url ?? '', (text) =>
    text === '' || /^(?:https?|kubernetes):\/\/\S+$/.test(text) ? undefined : 'is no http, https or kubernetes URL',
  );
  if (answer === '') return undefined;
  return found.find(({ url }) => url === answer) ?? (await probe(answer, open(answer)));
}

/** Namespaces with the labels, and those of pods with the labels. The API server reads the selector. */
async function criticalNamespaces(
  cluster: Cluster,
  selector: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  if (selector === undefined) return new Map();
  const how = { labelSelector: selector, fresh: true };
  const [namespaces, pods] = await Promise.all([cluster.list(Namespaces, how), cluster.list(Pods, how)]);
  return new Map([
    ...pods.map(({ metadata }) => [metadata.namespace ?? '', `pod ${metadata.name} has ${selector}`] as const),
    ...namespaces.map(({ metadata }) => [metadata.name, `it has ${selector}`] as const),
  ]);
}

/** What the gate would notice of the waves of a draft, by the six hours before: as `plan` shows it. */
const measureBy =
  (metrics: Metrics, { run, istioNamespace }: Pick<Connected, 'run' | 'istioNamespace'>): Measure =>
  async (draft) => {
    const { plan } = await planFor(run, loadConfig(draft, 'draft'), undefined);
    const mesh = await observeMesh(run.ports, ['workloads', 'now'], istioNamespace);
    const sight = await observeSight(metrics, mesh, plan);
    if ('unknown' in sight) return { waves: [] };
    const waves = sight.waves.filter(({ wave, decides }) => wave !== gatewayWaveName && decides !== undefined);
    const scrapes = waves.flatMap(({ scrapeMs }) => scrapeMs ?? []).map((ms) => 1000 * Math.round(ms / 1000));
    const slowest = Math.max(...scrapes);
    return {
      waves,
      ...(scrapes.length > 0 && slowest > 0 && slowest !== plan.gate.intervalMs && { intervalMs: slowest }),
    };
  };
