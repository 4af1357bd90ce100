import { type Facts, Families, targetLabels } from './families.ts';
import type { Life } from './lives.ts';
import {
  type Labels,
  LookbackMs,
  type Matcher,
  matchesAll,
  type Point,
  type RawSeries,
  type SampleStore,
} from './sample-store.ts';

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
  readonly #whole = new WeakMap<Labels, Labels>();

  constructor(facts: Facts, intervalMs: number) {
    this.#facts = facts;
    this.intervalMs = intervalMs;
  }

  range(matchers: readonly Matcher[], from: number, to: number): RawSeries[] {
    const families = familiesOf(matchers);
    return this.#livesOf(matchers, from, to).flatMap((life) => {
      const scrapes = this.#scrapesOf(life, from, to);
      const end = this.#farewellOf(life);
      const isGone = end !== undefined && end > from && end <= Math.min(to, this.#facts.lives.now());
      const goneAt = isGone ? end : undefined;
      return families
        .flatMap((metric) => this.#seriesOf(metric, life, scrapes, goneAt))
        .filter(({ labels }) => matchesAll(matchers, labels));
    });
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
        for (const exported of this.#exportedBy(metric, life, scrape.at, scrape.succeeds)) {
          const labels = this.#labelsOf(metric, life, exported.labels);
          if (matchesAll(matchers, labels)) found.push({ labels, points: [{ at: scrape.at, value: exported.value }] });
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

  /** A series that a scrape does not show, and every series of a target that does not answer or is gone, ends with a marker. */
  #seriesOf(metric: string, life: Life, scrapes: readonly Scrape[], goneAt?: number): RawSeries[] {
    const series = new Map<string, { labels: Labels; points: Point[] }>();
    const endOthers = (at: number) => {
      for (const { points } of series.values()) {
        const last = points.at(-1);
        if (last && last.at < at && !last.isStale) points.push({ at, value: Number.NaN, isStale: true });
      }
    };
    for (const { at, succeeds } of scrapes) {
      for (const { labels, value } of this.#exportedBy(metric, life, at, succeeds)) {
        const key = JSON.stringify(labels);
        const known = series.get(key) ?? { labels: this.#labelsOf(metric, life, labels), points: [] };
        known.points.push({ at, value });
        series.set(key, known);
      }
      endOthers(at);
    }
    if (goneAt !== undefined) endOthers(goneAt);
    return [...series.values()];
  }

  /** All labels of a series. Made once for what a target exports again and again. */
  #labelsOf(metric: string, life: Life, exported: Labels): Labels {
    const known = this.#whole.get(exported);
    if (known !== undefined && known['__name__'] === metric) return known;
    const labels = { __name__: metric, ...targetLabels(life), ...exported };
    this.#whole.set(exported, labels);
    return labels;
  }

  #exportedBy(metric: string, life: Life, at: number, succeeds: boolean) {
    if (metric === 'up') return [{ labels: {}, value: succeeds ? 1 : 0 }];
    return succeeds ? (Families[metric]?.series(this.#facts, life, at) ?? []) : [];
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

function familiesOf(matchers: readonly Matcher[]): string[] {
  const ofName = matchers.filter(({ label }) => label === '__name__');
  return Object.keys(Families).filter((name) => ofName.every(({ matches }) => matches(name)));
}
