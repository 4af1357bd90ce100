import type { JobResult } from './job.ts';

interface Row {
  runs: number;
  completed: number;
  'rolled back': number;
  other: number;
  broken: number;
}

/** Fault kind by how the runs in which it took part ended. A run with several kinds counts for each. */
export function renderTable(results: readonly JobResult[], titleOf: (kind: string) => string): string {
  const rows = new Map<string, Row>();
  for (const { kinds, end, wrong } of results)
    for (const kind of kinds) {
      const row = rows.get(kind) ?? { runs: 0, completed: 0, 'rolled back': 0, other: 0, broken: 0 };
      rows.set(kind, row);
      row.runs += 1;
      row[end === 'completed' ? 'completed' : end === 'rolled-back' ? 'rolled back' : 'other'] += 1;
      if (wrong.length > 0) row.broken += 1;
    }
  const sorted = [...rows].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  const lines = sorted.map(([kind, row]) => `| ${titleOf(kind)} | ${Object.values(row).join(' | ')} |`);
  return [
    '| fault | runs | completed | rolled back | other | something broke |',
    '|---|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

export function renderInvariants(results: readonly JobResult[]): string {
  const counts = new Map<string, number>();
  for (const { invariants } of results) for (const id of new Set(invariants)) counts.set(id, (counts.get(id) ?? 0) + 1);
  if (counts.size === 0) return 'invariants broken: 0; runs that did not converge: 0';
  return `broken: ${[...counts].map(([id, count]) => `${id} in ${count} runs`).join(', ')}`;
}
