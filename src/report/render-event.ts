import { describeCluster } from '../model/cluster-name.ts';
import type { TimedEvent } from '../model/events.ts';
import type { JudgedEvidence, WhileReplaced } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import { describeShortfall, type Shortfall } from '../model/stage.ts';
import { messageOf } from '../model/upgrade-error.ts';

/** Lines for one event; `since` is when the run started. Empty for events that are not shown. */
export function renderEvent(event: TimedEvent, since: number): readonly string[] {
  const clock = elapsed(event.at - since);
  switch (event.kind) {
    case 'connected':
      return [`Cluster: ${describeCluster(event.cluster)}`];
    case 'run-started':
      return [
        event.direction === 'back'
          ? `\n↩ Rolling back: ${event.title}`
          : `${event.resumed ? 'Resuming' : 'Upgrading'}: ${event.title}`,
      ];
    case 'namespaces-moved':
      return [...event.moves.slice(0, movesShown), ...moreMoves(event.moves.length - movesShown)].map((move) =>
        line('·', '', move, clock),
      );
    case 'stage-started':
    case 'snapshot':
      return [];
    case 'stage-done':
      return [line('✔', `${event.number} ${event.title}`, event.proof, clock)];
    case 'waiting':
      return [
        line(
          '…',
          `${event.number}`,
          `${renderShortfalls(event.shortfalls)}${event.sinceMs >= 5_000 ? ` (for ${elapsed(event.sinceMs)})` : ''}`,
          clock,
        ),
      ];
    case 'awaiting':
      return event.awaited.flatMap(({ what, owner, change }) => [
        line('…', `${event.number}`, `waiting for ${owner}: ${what}`, clock),
        ...change.map((text) => `      ${text}`),
        `      The run waits for ${elapsed(event.forMs)}, and then ends with "waiting". To resume, run it again.`,
      ]);
    case 'effect-started':
      // A note only records an event that is shown itself.
      return event.isNote ? [] : [line('→', '', event.text, clock)];
    case 'effect-done':
      return [];
    case 'effect-failed':
      return [line('!', '', `could not ${event.text}: ${event.message}`, clock)];
    case 'verdict':
      return renderVerdict(event.wave, event.judged, clock);
    case 'findings':
      return event.findings.flatMap(renderFinding);
    case 'problem':
      return [
        line('✘', `${event.number} ${event.name}`, `${event.problem.code}: ${event.problem.message}`, clock),
        ...details(event.problem),
        `      now: ${event.decision}`,
      ];
    case 'recovered':
      return [line('✔', `${event.number}`, `${event.workload} has recovered, and counts again`, clock)];
    case 'lock-held':
      return [
        line(
          '…',
          '',
          `tag ${event.tag} is locked by run ${event.holder.id}, since ${event.holder.since} (${event.holder.where}); ` +
            `if that run does not renew the lock, it ends in ${elapsed(event.endsAfterMs)}`,
          clock,
        ),
      ];
    case 'paused':
      return [line('‖', '', `paused by ${event.by}: nothing more is begun until \`resume\` or \`abort\``, clock)];
    case 'resumed':
      return [line('→', '', 'resumed: goes on', clock)];
    case 'lock-not-renewed':
      return [line('!', '', `could not renew lock ${event.lock}: ${messageOf(event.failure)}`, clock)];
    case 'lock-left':
      return [
        line(
          '!',
          '',
          `could not release lock ${event.lock}; it ends by itself in ${elapsed(event.endsAfterMs)}: ${messageOf(event.failure)}`,
          clock,
        ),
      ];
    case 'run-ended':
      return ['', `${headline(event.outcome)} ${event.message}`, ...(event.next === '' ? [] : [`Next: ${event.next}`])];
  }
}

const movesShown = 20;
const moreMoves = (count: number): readonly string[] => (count > 0 ? [`and ${count} more`] : []);

const good = new Set(['completed', 'reached', 'nothing-to-do']);
const headline = (outcome: string): string => `${good.has(outcome) ? '✔' : (marks[outcome] ?? '✘')} ${outcome}:`;
const marks: Readonly<Record<string, string>> = { 'rolled-back': '↩', waiting: '…' };

/** One line of a log: when, what kind, and what. */
export const lineOf = (mark: string, head: string, text: string, afterMs: number): string =>
  line(mark, head, text, elapsed(afterMs));

const line = (mark: string, head: string, text: string, clock: string): string => {
  const left = head === '' ? `  ${mark} ` : `  ${mark} ${head}: `;
  return `${clock.padStart(6)}${left}${text}`;
};

const onlyTold = {
  pass: ' (only observed)',
  fail: ' (only observed: gate.mode is observe, so the upgrade goes on)',
  inconclusive: ' (only observed: gate.mode is observe, so the upgrade goes on)',
  hold: '',
} as const satisfies Record<JudgedEvidence['verdict'], string>;

/** The verdict with each number against its limit; a fail shows only what failed. */
function renderVerdict(
  wave: string,
  { verdict, answers, reason, observed, whileReplaced }: JudgedEvidence,
  clock: string,
): readonly string[] {
  const mark = verdict === 'pass' ? '✔' : '✘';
  const shown = answers.filter((answer) => verdict === 'pass' || answer.verdict !== 'pass');
  const rows = shown.map(({ check, value, limit }) => `          ${check.padEnd(36)} ${value}, limit ${limit}`);
  return [
    line(
      mark,
      '',
      `wave ${wave}: ${verdict}${observed ? onlyTold[verdict] : ''}${rows.length === 0 ? `: ${reason}` : ''}`,
      clock,
    ),
    ...rows,
    ...describeWhileReplaced(whileReplaced).map((text) => `          ${text}`),
  ];
}

/** What the restarts of a wave may have cost, in words; nothing if no request failed, or if that is not known. */
export function describeWhileReplaced(counted: WhileReplaced | undefined): readonly string[] {
  if (counted === undefined || counted.errors === 0) return [];
  const { errors, requests, flags, durationMs } = counted;
  const shown = Object.entries(flags)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([flag, count]) => `${flag === '-' ? 'without a flag' : flag} ${count}`);
  return [
    `failed while pods were replaced (${elapsed(durationMs)}): ${errors} of ${requests} requests (${shown.join('; ')}), not in the verdict`,
  ];
}

/** The first three, and how many more. */
export function renderShortfalls(shortfalls: readonly Shortfall[]): string {
  const shown = shortfalls.slice(0, 3).map(describeShortfall);
  const more = shortfalls.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

const severityMarks = { blocks: '✘', warns: '!', notes: '·' } as const;

export function renderFinding(finding: Finding): readonly string[] {
  return [`  ${severityMarks[finding.severity]} ${finding.code}: ${finding.message}`, ...details(finding)];
}

function details({ objects, fix, docs }: Finding): readonly string[] {
  const shown = objects.slice(0, 10).map((object) => `      - ${object}`);
  const more = objects.length > 10 ? [`      and ${objects.length - 10} more`] : [];
  return [...shown, ...more, ...(fix === '' ? [] : [`      do: ${fix}`]), `      docs: ${docs}`];
}

/** `0:05`, `12:40`, `1:02:03`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
