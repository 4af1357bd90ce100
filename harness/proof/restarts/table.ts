import { parseAccessLine } from '../kind/requests.ts';
import { settingOf, type Variant } from './variants.ts';

/** One restart of a variant under load. Unix milliseconds. */
export interface Restart {
  began: number;
  /** When the last old pod was gone. */
  gone: number;
  /** Until when requests are counted. */
  until: number;
}

export interface Measured {
  variant: Variant;
  restarts: readonly Loss[];
}

/** What the client got while pods were replaced. */
export interface Loss {
  sent: number;
  failed: Readonly<Record<string, number>>;
  goneMs: number;
}

/** @param log the client's access log; its last line may still be written */
export function lossesOf(log: string, restarts: readonly Restart[]): readonly Loss[] {
  const requests = log.split('\n').flatMap(parseAccessLine);
  return restarts.map(({ began, gone, until }) => {
    const within = requests.filter(({ at }) => at >= began && at < until);
    const failed: Record<string, number> = {};
    for (const { failure } of within) if (failure !== undefined) failed[failure] = (failed[failure] ?? 0) + 1;
    return { sent: within.length, failed, goneMs: gone - began };
  });
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const failures = ({ failed }: Loss): number => sum(Object.values(failed));

/** As Markdown. */
export function restartTable(measured: readonly Measured[], perSecond: number): string {
  const head = `| on SIGTERM | sidecar | setting | failed in each restart at ${perSecond} requests/s | of | last old pod gone |\n|---|---|---|---|---|---|`;
  const rows = measured.map(({ variant, restarts }) => {
    const counts = restarts.map(failures);
    const numbers = counts.join(', ');
    const gone = restarts.map(({ goneMs }) => goneMs / 1000);
    const sidecar = variant.onTerm === 'gateway' ? '-' : variant.native ? 'native' : 'ordinary';
    return [
      '',
      variant.onTerm,
      sidecar,
      settingOf(variant),
      sum(counts) === 0 ? `**${numbers}**` : `${numbers} (${reasons(restarts)})`,
      sum(restarts.map(({ sent }) => sent)).toLocaleString('en-US'),
      `${Math.min(...gone).toFixed(1)}-${Math.max(...gone).toFixed(1)} s`,
      '',
    ]
      .join(' | ')
      .trim();
  });
  return [head, ...rows].join('\n');
}

const reasons = (restarts: readonly Loss[]): string =>
  [...new Set(restarts.flatMap(({ failed }) => Object.keys(failed)))].join(', ');
