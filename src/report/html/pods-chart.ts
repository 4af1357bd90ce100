import { elapsed } from '../render-event.ts';
import type { RunReport } from '../run-report.ts';
import { counted } from './format.ts';
import { html, type Markup } from './html.ts';
import { turningPoints } from './marks.ts';
import { plot, plotHeight } from './plot.ts';
import { round, type Scale, scaleOf, timeTicks, valueTicks } from './scale.ts';
import { details, section } from './section.ts';
import { table } from './table.ts';

/** Rows of the table below the picture. */
const rowsMax = 100;

interface Step {
  from: number;
  until: number;
  /** In the order of the bands, the lowest first. */
  counts: readonly number[];
}

/** How many pods run each revision's proxy, over time, one band above the other. */
export function podsChart(report: RunReport, level: number): Markup | undefined {
  const { samples, startedAt, durationMs, plan } = report;
  const points = samples?.pods ?? [];
  if (points.length === 0) return undefined;
  const end = startedAt + Math.max(durationMs, 1);
  const bands = bandsOf(points, plan);
  const steps = points.map(
    ({ at, pods }, index): Step => ({
      from: at,
      until: points[index + 1]?.at ?? end,
      counts: bands.map(({ revisions }) =>
        sum(revisions.map((revision) => (Object.hasOwn(pods, revision) ? (pods[revision] ?? 0) : 0))),
      ),
    }),
  );
  const most = Math.max(...steps.map(({ counts }) => sum(counts)), 1);
  const x = scaleOf(startedAt, end);
  const y = (pods: number) => round(plotHeight - (plotHeight * pods) / most);
  const seen = visible(steps, x);
  const told = bands.map(({ name }, index) => `${name}: ${course(steps.map(({ counts }) => counts[index] ?? 0))}`);
  const key = bands.map(
    ({ tone }, index) => html`<span class="together"><span class="swatch band-${tone}"></span> ${told[index]}</span> `,
  );
  const picture = plot({
    alternative: `Live mesh pods by revision over ${elapsed(durationMs)}. ${told.join('; ')}.`,
    x,
    ticks: timeTicks(startedAt, startedAt, end),
    values: valueTicks(most)
      .filter(Number.isInteger)
      .map((value) => ({ y: y(value), label: String(value) })),
    marks: turningPoints(report),
    content: bands.map(({ tone }, band) => drawBand(band, tone, seen, x, y)),
  });
  const rows = table(
    'Live mesh pods by revision, at each observed change',
    [{ title: 'time' }, ...bands.map(({ name }) => ({ title: name, isNumber: true as const }))],
    steps.slice(-rowsMax).map(({ from, counts }) => [elapsed(from - startedAt), ...counts]),
  );
  return section(
    level,
    'Pods by revision',
    html`<figure><figcaption class="key">${key}</figcaption>
${picture}
${details('As a table', rows)}
</figure>`,
  );
}

interface Band {
  name: string;
  tone: 'to' | 'from' | 'other';
  revisions: readonly string[];
}

/** The new revision is at the bottom, so that its growth starts from a straight line. */
function bandsOf(points: NonNullable<RunReport['samples']>['pods'], plan: RunReport['plan']): readonly Band[] {
  const seen = [...new Set(points.flatMap(({ pods }) => Object.keys(pods)))];
  const others = seen.filter((revision) => revision !== plan?.from && revision !== plan?.to);
  return [
    ...(plan === undefined ? [] : [band(plan.to, 'to', [plan.to]), band(plan.from, 'from', [plan.from])]),
    ...(others.length === 0 ? [] : [band(others.length > 3 ? 'other revisions' : others.join(', '), 'other', others)]),
  ];
}

const band = (name: string, tone: Band['tone'], revisions: readonly string[]): Band => ({ name, tone, revisions });

function drawBand(
  band: number,
  tone: Band['tone'],
  steps: readonly Step[],
  x: Scale,
  y: (pods: number) => number,
): readonly Markup[] {
  let before: number | undefined;
  return steps.map(({ from, until, counts }) => {
    const below = sum(counts.slice(0, band));
    const pods = counts[band] ?? 0;
    const [left, right, top, bottom] = [x(from), x(until), y(below + pods), y(below)];
    const riser =
      before !== undefined &&
      before !== top &&
      html`<line class="edge-${tone}" x1="${left}%" x2="${left}%" y1="${before}" y2="${top}"/>`;
    before = top;
    return html`${pods > 0 && html`<rect class="band-${tone}" x="${left}%" width="${round(right - left)}%" y="${top}" height="${round(bottom - top)}"/><line class="edge-${tone}" x1="${left}%" x2="${right}%" y1="${top}" y2="${top}"/>`}${riser}`;
  });
}

/** In percent of the width: narrower steps would be drawn as noise. */
const narrowest = 0.2;

/** The last step is always kept; a step that is too narrow to be seen is merged into the one before it. */
function visible(steps: readonly Step[], x: Scale): readonly Step[] {
  const kept: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const before = kept.at(-1);
    const isNarrow = x(step.until) - x(step.from) < narrowest && index < steps.length - 1;
    if (before !== undefined && isNarrow) kept[kept.length - 1] = { ...before, until: step.until };
    else kept.push(step);
  }
  return kept;
}

/** `0 → 13 pods`; with its peak when that is higher than both. */
function course(counts: readonly number[]): string {
  const [begin, end, peak] = [counts[0] ?? 0, counts.at(-1) ?? 0, Math.max(...counts)];
  return `${begin} → ${counted(end, 'pod')}${peak > Math.max(begin, end) ? `, at most ${peak}` : ''}`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
