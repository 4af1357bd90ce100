import { describeWhileReplaced, elapsed } from '../render-event.ts';
import type { RunReport } from '../run-report.ts';
import { count, took } from './format.ts';
import { html, type Markup } from './html.ts';
import { details, heading, section } from './section.ts';
import { table } from './table.ts';

const namespacesMax = 50;
/** The most rows that are shown; the JSON report has all. */
const rowsMax = 1_000;

export function stagesTable({ stages, startedAt }: RunReport, level: number): Markup | undefined {
  if (stages.length === 0) return undefined;
  const rows = stages.map(({ number, title, direction, done, proof, waitedFor, startedAt: at, durationMs }) => [
    html`${direction === 'back' && '↩ '}${number} ${title}<small>${done ? `✔ ${proof}` : `✘ not done${waitedFor === undefined ? '' : `; waited for ${waitedFor}`}`}</small>`,
    elapsed(at - startedAt),
    took(durationMs),
  ]);
  return section(
    level,
    'Stages',
    table(
      'What each stage proved',
      [{ title: 'stage and proof' }, { title: 'at', isNumber: true }, { title: 'took', isNumber: true }],
      rows,
    ),
  );
}

export function wavesTables({ waves }: RunReport, level: number): Markup | undefined {
  if (waves.length === 0) return undefined;
  return section(
    level,
    'Waves',
    waves.map((wave) => waveTable(wave, level + 1)),
  );
}

function waveTable(
  { name, namespaces, state, reason, observed, checks, whileReplaced }: RunReport['waves'][number],
  level: number,
): Markup {
  const more = namespaces.length - namespacesMax;
  return html`${heading(level, [name, ': ', stateMark(state), state, observed === true && ', only observed'])}
<p>Namespaces: ${namespaces.slice(0, namespacesMax).join(', ')}${more > 0 && ` and ${more} more`}</p>
${checks.length === 0 && reason !== '' && html`<p>${reason}</p>`}
${
  checks.length > 0 &&
  table(
    `Values of wave ${name} against their limits`,
    [{ title: 'check' }, { title: 'value' }, { title: 'limit' }],
    checks.map(({ check, verdict, value, limit }) => [
      [stateMark(verdict), check, verdict !== 'pass' && ` (${verdict})`],
      value,
      limit,
    ]),
  )
}
${describeWhileReplaced(whileReplaced).map((text) => html`<p>${text}</p>`)}`;
}

function stateMark(state: string): string {
  if (state === 'pass') return '✔ ';
  return state === 'fail' || state === 'inconclusive' ? '✘ ' : '';
}

export function effectsTable({ effects, startedAt }: RunReport, level: number): Markup | undefined {
  if (effects.length === 0) return undefined;
  const failed = effects.filter((effect) => effect.failed).length;
  const rows = effects
    .slice(0, rowsMax)
    .map(({ effect, startedAt: at, durationMs, failed: bad }) => [
      html`${bad && '✘ failed or not finished: '}${effect}`,
      elapsed(at - startedAt),
      took(durationMs),
    ]);
  const more = effects.length - rowsMax;
  const columns = [{ title: 'effect' }, { title: 'at', isNumber: true }, { title: 'took', isNumber: true }] as const;
  const shown = [
    table('Every write, in order', columns, rows),
    more > 0 && html`<p>And ${more} more, in the JSON report.</p>`,
  ];
  return section(
    level,
    'Effects',
    details(
      `${count(effects.length)} writes${failed > 0 ? `, ${failed} of them failed or cut short` : ', all done'}`,
      shown,
    ),
  );
}

export function costTable({ cost }: RunReport, level: number): Markup {
  const rows: (readonly [string, string])[] = [
    ...Object.entries(cost.requests).map(([verb, requests]) => [`requests: ${verb}`, count(requests)] as const),
    ['workloads restarted', count(cost.restartedWorkloads)],
    ['requests for each, over the whole run', orNone(cost.requestsPerRestart)],
    ['requests for each, while restarting', orNone(cost.requestsPerRestartWhileRestarting)],
  ];
  return section(
    level,
    'Cost',
    table('What the run asked of the API server', [{ title: 'what' }, { title: 'number', isNumber: true }], rows),
  );
}

const orNone = (value: number | null): string => (value === null ? 'none was restarted' : String(value));
