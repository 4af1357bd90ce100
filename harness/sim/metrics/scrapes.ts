import { type Facts, Families, type Labels, targetLabels } from './families.ts';
import type { Life } from './lives.ts';

export interface Point {
  at: number;
  value: number;
}

export interface RawSeries {
  labels: Labels;
  /** Oldest first. */
  points: Point[];
}

/** A sample counts for so long when nothing says that its series has ended. */
const LookbackMs = 5 * 60 * 1000;

/** What Prometheus would have stored: computed when asked, from the moments at which each target was scraped. */
export class Scrapes {
  readonly #facts: Facts;
  readonly intervalMs: number;
  /** Targets of these namespaces cannot be scraped since then; null for all. */
  readonly outages: { since: number; until?: number; namespace: string | null }[] = [];

  constructor(facts: Facts, intervalMs: number) {
    this.#facts = facts;
    this.intervalMs = intervalMs;
  }

  /** Samples in (from, to] of all series whose metric name matches. */
  range(isWanted: (metric: string) => boolean, from: number, to: number): RawSeries[] {
    const metrics = Object.keys(Families).filter(isWanted);
    return this.#facts.lives.between(from, to).flatMap((life) => {
      const moments = this.#momentsOf(life, from, to);
      return metrics.flatMap((metric) => this.#seriesOf(metric, life, moments));
    });
  }

  /** The newest sample of each series at a moment; none of targets that Prometheus knows to be gone. */
  instant(isWanted: (metric: string) => boolean, at: number): RawSeries[] {
    const metrics = Object.keys(Families).filter(isWanted);
    return this.#facts.lives.between(at - LookbackMs, at).flatMap((life) => {
      if (life.until !== undefined && this.#nextTurn(life, life.until) <= at) return [];
      const newest = this.#momentsOf(life, at - LookbackMs, at).at(-1);
      return newest === undefined ? [] : metrics.flatMap((metric) => this.#seriesOf(metric, life, [newest]));
    });
  }

  #seriesOf(metric: string, life: Life, moments: readonly number[]): RawSeries[] {
    const series = new Map<string, RawSeries>();
    const target = targetLabels(life);
    for (const at of moments) {
      for (const { labels, value } of Families[metric]?.(this.#facts, life, at) ?? []) {
        const key = JSON.stringify(labels);
        const known = series.get(key) ?? { labels: { __name__: metric, ...target, ...labels }, points: [] };
        known.points.push({ at, value });
        series.set(key, known);
      }
    }
    return [...series.values()];
  }

  #momentsOf(life: Life, from: number, to: number): number[] {
    const first = this.#nextTurn(life, Math.max(from + 1, life.from));
    const last = Math.min(to, life.until ?? to);
    const moments: number[] = [];
    for (let at = first; at <= last; at += this.intervalMs) if (!this.#isOut(life, at)) moments.push(at);
    return moments;
  }

  #isOut({ namespace }: Life, at: number): boolean {
    return this.outages.some(
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
