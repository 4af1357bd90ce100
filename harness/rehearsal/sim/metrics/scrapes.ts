import type { Series } from './exported-series.ts';
import { type Facts, Families, targetLabels } from './families.ts';
import type { Life } from './lives.ts';
import { LookbackMs, type Matcher, matchesAll, type Point, type RawSeries, type SampleStore } from './sample-store.ts';

/** A time in which targets are not scraped as they should be. */
export interface Outage {
  since: number;
  until?: number;
  /** Only targets of this namespace; null for all. */
  namespace: string | null;
  /** `refused`: the target does not answer, and Prometheus writes that down. `behind`: nothing is written at all. */
  how: 'refused' | 'behind';
}

interface Scrape {
  at: number;
  succeeds: boolean;
}

/** What Prometheus would have stored: computed when asked, from the moments at which each target was scraped. */
export class Scrapes implements SampleStore {
  readonly #facts: Facts;
  readonly intervalMs: number;
  readonly outages: Outage[] = [];
  readonly #series: StoredSeries;

  constructor(facts: Facts, intervalMs: number) {
    this.#facts = facts;
    this.intervalMs = intervalMs;
    this.#series = new StoredSeries(facts);
  }

  range(matchers: readonly Matcher[], from: number, to: number): RawSeries[] {
    const families = familiesOf(matchers);
    const found: RawSeries[] = [];
    for (const life of this.#livesOf(matchers, from, to)) {
      const scrapes = this.#scrapesOf(life, from, to);
      const end = this.#farewellOf(life);
      const isGone = end !== undefined && end > from && end <= Math.min(to, this.#facts.lives.now());
      for (const metric of families) {
        for (const series of this.#series.of(metric, life, matchers)) {
          const points = pointsOf(series, scrapes, isGone ? end : undefined);
          if (points.length > 0) found.push({ labels: series.labels, points });
        }
      }
    }
    return found;
  }

  latest(matchers: readonly Matcher[], at: number): RawSeries[] {
    const families = familiesOf(matchers);
    const from = at - LookbackMs;
    const found: RawSeries[] = [];
    for (const life of this.#livesOf(matchers, from, at)) {
      const end = this.#farewellOf(life);
      if (end !== undefined && end <= Math.min(at, this.#facts.lives.now())) continue;
      const scrape = this.#lastScrapeOf(life, from, at);
      if (scrape === undefined) continue;
      for (const metric of families) {
        for (const series of this.#series.of(metric, life, matchers)) {
          const value = valueIn(series, scrape);
          if (value !== undefined) found.push({ labels: series.labels, points: [{ at: scrape.at, value }] });
        }
      }
    }
    return found;
  }

  /** What is scraped at a moment, as `/api/v1/targets` lists it. */
  targets(at: number): object[] {
    return this.#facts.lives.between(at, at).map((life) => {
      const labels = targetLabels(life);
      const url = `http://${labels['instance']}/${life.role === 'proxy' ? 'stats/prometheus' : 'metrics'}`;
      const last = this.#scrapesOf(life, at - LookbackMs, at).at(-1);
      return {
        labels,
        discoveredLabels: {},
        scrapePool: labels['job'],
        scrapeUrl: url,
        globalUrl: url,
        lastError: last?.succeeds === false ? 'connection refused' : '',
        lastScrape: new Date(last?.at ?? 0).toISOString(),
        lastScrapeDuration: 0.004,
        health: last === undefined ? 'unknown' : last.succeeds ? 'up' : 'down',
        scrapeInterval: `${this.intervalMs / 1000}s`,
        scrapeTimeout: '10s',
      };
    });
  }

  /** The targets that can have matching series at all, so that nothing is computed for the others. */
  #livesOf(matchers: readonly Matcher[], from: number, to: number): Life[] {
    return this.#facts.lives.between(from, to).filter((life) => {
      const target = targetLabels(life);
      return matchers.every(({ label, matches }) => {
        const value = target[label];
        return value === undefined || matches(value);
      });
    });
  }

  /** When Prometheus writes down that a target is gone: at what would have been its next scrape. */
  #farewellOf(life: Life): number | undefined {
    if (life.until === undefined) return undefined;
    const next = this.#nextTurn(life, life.until + 1);
    const behind = this.#outageAt(life, next);
    if (behind?.how !== 'behind') return next;
    return behind.until === undefined ? undefined : this.#nextTurn(life, behind.until);
  }

  #scrapesOf(life: Life, from: number, to: number): Scrape[] {
    const first = this.#nextTurn(life, Math.max(from + 1, life.from));
    const last = Math.min(to, life.until ?? to, this.#facts.lives.now());
    const scrapes: Scrape[] = [];
    for (let at = first; at <= last; at += this.intervalMs) {
      const outage = this.#outageAt(life, at);
      if (outage?.how !== 'behind') scrapes.push({ at, succeeds: outage === undefined });
    }
    return scrapes;
  }

  /** The newest of `#scrapesOf`, found from the end. */
  #lastScrapeOf(life: Life, from: number, to: number): Scrape | undefined {
    const first = this.#nextTurn(life, Math.max(from + 1, life.from));
    const last = Math.min(to, life.until ?? to, this.#facts.lives.now());
    for (let at = this.#nextTurn(life, last - this.intervalMs + 1); at >= first; at -= this.intervalMs) {
      if (at > last) continue;
      const outage = this.#outageAt(life, at);
      if (outage?.how !== 'behind') return { at, succeeds: outage === undefined };
    }
    return undefined;
  }

  #outageAt({ namespace }: Life, at: number): Outage | undefined {
    return this.outages.find(
      (outage) =>
        at >= outage.since &&
        at < (outage.until ?? Number.POSITIVE_INFINITY) &&
        (outage.namespace === null || outage.namespace === namespace),
    );
  }

  #nextTurn({ turn }: Life, after: number): number {
    const offset = Math.floor(turn * this.intervalMs);
    return Math.ceil((after - offset) / this.intervalMs) * this.intervalMs + offset;
  }
}

interface Made {
  changes: number;
  series: readonly Series[];
}

/** The series of each target with all their labels. A query asks for the same ones at hundreds of moments. */
class StoredSeries {
  readonly #facts: Facts;
  readonly #whole = new WeakMap<Life, Map<string, Made>>();
  readonly #matching = new WeakMap<readonly Matcher[], WeakMap<readonly Series[], readonly Series[]>>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  of(metric: string, life: Life, matchers: readonly Matcher[]): readonly Series[] {
    const matching = this.#matching.get(matchers) ?? new WeakMap<readonly Series[], readonly Series[]>();
    this.#matching.set(matchers, matching);
    const whole = this.#wholeOf(metric, life);
    const found = matching.get(whole) ?? whole.filter(({ labels }) => matchesAll(matchers, labels));
    matching.set(whole, found);
    return found;
  }

  #wholeOf(metric: string, life: Life): readonly Series[] {
    const { series, changes: changesOf = () => 0 } = Families[metric] ?? {};
    const changes = changesOf(this.#facts);
    const ofLife = this.#whole.get(life) ?? new Map<string, Made>();
    this.#whole.set(life, ofLife);
    const known = ofLife.get(metric);
    if (known?.changes === changes) return known.series;
    const target = { __name__: metric, ...targetLabels(life) };
    const made = (series?.(this.#facts, life) ?? []).map(({ labels, valueAt }) => ({
      labels: { ...target, ...labels },
      valueAt,
    }));
    ofLife.set(metric, { changes, series: made });
    return made;
  }
}

function valueIn({ labels, valueAt }: Series, { at, succeeds }: Scrape): number | undefined {
  if (succeeds) return valueAt(at);
  // All that Prometheus knows of a scrape that failed.
  return labels['__name__'] === 'up' ? 0 : undefined;
}

/** A series that a scrape does not show, and every series of a target that does not answer or is gone, ends with a marker. */
function pointsOf(series: Series, scrapes: readonly Scrape[], goneAt: number | undefined): readonly Point[] {
  const points: Point[] = [];
  let isOpen = false;
  const end = (at: number) => {
    if (isOpen) points.push({ at, value: Number.NaN, isStale: true });
    isOpen = false;
  };
  for (const scrape of scrapes) {
    const value = valueIn(series, scrape);
    if (value === undefined) end(scrape.at);
    else {
      points.push({ at: scrape.at, value });
      isOpen = true;
    }
  }
  if (goneAt !== undefined) end(goneAt);
  return points;
}

function familiesOf(matchers: readonly Matcher[]): string[] {
  const ofName = matchers.filter(({ label }) => label === '__name__');
  return Object.keys(Families).filter((name) => ofName.every(({ matches }) => matches(name)));
}
