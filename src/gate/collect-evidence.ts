import { type CheckAnswer, type Evidence, noTraffic, type Traffic } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { Metrics, Series } from '../ports/prometheus.ts';
import { fillTemplate } from '../promql/lint-promql.ts';
import { countIncrements, countTraffic, type Readings, withBefore } from './count-traffic.ts';
import { alternation, builtInQueries } from './queries.ts';

/** What one look asks about. Times are the cluster's, Unix milliseconds. */
export interface Look {
  wave: string;
  mode: Evidence['mode'];
  namespaces: readonly string[];
  /** `namespace/pod` of the wave's live pods that the new revision injected. */
  pods: ReadonlySet<string>;
  istiod: string;
  startedAt: number;
  readyAt: number;
  now: number;
  variables: Readonly<Record<'revision' | 'from', string>>;
}

/**
 * Asks Prometheus for everything that one verdict needs. Judges nothing: what fails is written down as distrust.
 * Prometheus is the memory: counts are differences of raw counters between two moments, so a resumed run loses nothing.
 */
export async function collectEvidence(metrics: Metrics, look: Look, settings: GateSettings): Promise<Evidence> {
  const until = look.now - settings.settleMs;
  const since = look.mode === 'bake' ? look.readyAt : Math.max(look.readyAt, until - settings.watchMs);
  const queries = builtInQueries(look.namespaces, look.istiod, settings);
  const podOf = (labels: Readonly<Record<string, string>>) =>
    `${labels[settings.labels.namespace] ?? '?'}/${labels[settings.labels.pod] ?? '?'}`;
  const distrust: string[] = [];
  const ask = async (query: string, at: number): Promise<readonly Series[] | undefined> => {
    try {
      const { series, warnings } = await metrics.query(query, at);
      for (const warning of warnings) distrust.push(`Prometheus warns: ${warning}`);
      return series;
    } catch (failure) {
      distrust.push(messageOf(failure));
      return undefined;
    }
  };
  // A difference needs both moments: with one of them lost, all that ever failed would count as failed since then.
  const between = async (query: string, from = since): Promise<Readings> => {
    const [before, after] = await Promise.all([ask(query, from), ask(query, until)]);
    return before === undefined || after === undefined ? { before: [], after: [] } : { before, after };
  };
  const base = {
    wave: look.wave,
    mode: look.mode,
    since,
    until,
    readyAt: look.readyAt,
    pods: look.pods.size,
  };
  if (until <= since) return { ...base, ...nothingYet, distrust: [settling(until, since, settings)] };

  const [server, client, outbound, fresh, rejects, failures, istiod, checks] = await Promise.all([
    between(queries.serverSide),
    between(queries.clientSide),
    between(queries.outbound),
    ask(queries.freshness, until),
    between(queries.xdsRejects, look.startedAt),
    between(queries.injectionFailures, look.startedAt),
    ask(queries.controlPlane, until),
    Promise.all(settings.checks.map((check) => answer(check, look, settings, ask, until))),
  ]);
  // Prometheus answers with samples up to its lookback old; one that is older than three looks no longer speaks of now.
  const oldest = (until - 3 * settings.intervalMs) / 1000;
  const seen = new Set((fresh ?? []).filter(({ value }) => value >= oldest).map(({ labels }) => podOf(labels)));
  const ours = { podOf, newborn: look.pods };
  // How a namespace did before its wave is asked for only where something fails.
  const counted = async (query: string, readings: Readings): Promise<Traffic> => {
    const traffic = countTraffic(readings, { ...ours, wanted: look.pods });
    if (traffic.namespaces.length === 0) return traffic;
    const [first, last] = await Promise.all([ask(query, look.startedAt - settings.bakeMs), ask(query, look.startedAt)]);
    if (first === undefined || last === undefined) return { ...traffic, namespaces: [] };
    return withBefore(traffic, { before: first, after: last }, podOf);
  };
  const [serverSide, ownCalls] = await Promise.all([
    counted(queries.serverSide, server),
    counted(queries.outbound, outbound),
  ]);
  return {
    ...base,
    podsSeen: [...look.pods].filter((pod) => seen.has(pod)).length,
    serverSide,
    clientSide: countTraffic(client, ours),
    outbound: ownCalls,
    xdsRejects: countIncrements(rejects),
    injectionFailures: countIncrements(failures),
    controlPlaneSeen: (istiod ?? []).some(({ value }) => value >= oldest),
    checks,
    distrust: [...new Set(distrust)].slice(0, 5),
  };
}

/** Before the first sample that counts. */
const nothingYet = {
  podsSeen: 0,
  serverSide: noTraffic,
  clientSide: noTraffic,
  outbound: noTraffic,
  xdsRejects: 0,
  injectionFailures: 0,
  controlPlaneSeen: true,
  checks: [],
};

function settling(until: number, since: number, { intervalMs }: GateSettings): string {
  return `settling: the first sample that counts is ${Math.ceil((since - until + intervalMs) / 1000)} s away`;
}

async function answer(
  check: GateSettings['checks'][number],
  look: Look,
  settings: GateSettings,
  ask: (query: string, at: number) => Promise<readonly Series[] | undefined>,
  until: number,
): Promise<CheckAnswer> {
  const query = fillTemplate(check.query, templateVariables(look.namespaces, look.wave, look.variables, settings));
  const series = (await ask(query, until)) ?? [];
  return {
    ...check,
    query,
    values: series.map(({ labels, value }) => ({
      labels: Object.keys(labels).length === 0 ? '' : ` ${JSON.stringify(labels)}`,
      value,
    })),
  };
}

/** What `${…}` in a user's query stands for. */
export function templateVariables(
  namespaces: readonly string[],
  wave: string,
  { revision, from }: Look['variables'],
  settings: GateSettings,
): Record<'namespaces' | 'wave' | 'revision' | 'from' | 'window', string> {
  return {
    namespaces: alternation(namespaces),
    wave,
    revision,
    from,
    window: `${Math.ceil(settings.watchMs / 1000)}s`,
  };
}
