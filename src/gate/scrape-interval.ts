import type { Series } from '../ports/prometheus.ts';
import { type Asking, type Question, type Reading, read } from './asking.ts';
import { alternation, type Look, type Scope } from './gate.ts';
import { selector } from './increase.ts';
import { rememberOfWave } from './remember.ts';

/** So long is counted how often a pod was scraped. */
const measuredMs = 10 * 60_000;
export const tolerance = 1.5;

/**
 * The settings for a wave: what was scraped less often than the gate looks, before the first restart, is fresh for longer, and the first
 * sample of a window is as much older.
 */
export function* settingsFor(
  look: Pick<Look, 'startedAt' | 'namespaces' | 'settings' | 'memory' | 'wave'>,
): Asking<Look['settings'], Reading> {
  const { startedAt, namespaces, settings } = look;
  const measured = yield* rememberOfWave(look, 'scrapes', function* (): Asking<number | undefined, Reading> {
    const [series] = yield* read(scrapesUntil(startedAt, namespaces, { settings }));
    return series && (scrapeIntervalOf(series) ?? 0);
  });
  return atLeast(measured, settings);
}

/** @param scrapeMs as measured; a scrape that comes a little late is no other interval */
export const atLeast = (scrapeMs: number | undefined, settings: Look['settings']): Look['settings'] =>
  scrapeMs === undefined || scrapeMs <= tolerance * settings.intervalMs
    ? settings
    : { ...settings, intervalMs: scrapeMs };

/** How often the pods of each namespace were scraped until a moment, Unix milliseconds: those that were there at the beginning and at the end. */
export function scrapesUntil(at: number, namespaces: readonly string[], scope: Pick<Scope, 'settings'>): Question {
  const { namespace } = scope.settings.labels;
  const builds = selector('istio_build', `${namespace}=~"${alternation(namespaces)}"`, scope);
  const ms = `${measuredMs / 1000}s`;
  // The whole series: a pod of a StatefulSet has the name of the one before it.
  const counts = `count_over_time(${builds}[${ms}]) and (${builds} offset ${ms}) and ${builds}`;
  return { query: `quantile by (${namespace}) (0.5, ${counts})`, at };
}

/** Milliseconds between two scrapes in the namespace that is scraped most seldom; `undefined` if none was scraped for long enough. */
export function scrapeIntervalOf(series: readonly Series[]): number | undefined {
  const counts = series.map(({ value }) => value).filter((value) => value > 0);
  return counts.length === 0 ? undefined : 1000 * Math.round(measuredMs / Math.min(...counts) / 1000);
}
