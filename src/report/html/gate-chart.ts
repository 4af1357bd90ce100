import { elapsed } from '../render-event.ts';
import type { RunReport } from '../run-report.ts';
import type { GateSample, Samples } from '../samples.ts';
import { askedQueries } from './asked-queries.ts';
import { drawCourse, highestIn } from './draw-course.ts';
import { count, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { type JudgedCourse, judgedCourses, ownOf } from './judged-course.ts';
import { verdictMark } from './marks.ts';
import { type Mark, plot, plotHeight } from './plot.ts';
import { rootTicks, round, type Scale, scaleOf, timeTicks } from './scale.ts';
import { details, heading, section } from './section.ts';
import { table } from './table.ts';

const chartsMax = 50;
const rowsMax = 100;
/** Between two lines of the grid, in pixels. */
const ticksApart = 32;

/** What each wave was judged by, one chart for each over its own part of the run. */
export function gateCharts(report: RunReport, level: number): Markup | undefined {
  const { samples } = report;
  const waves = [...Map.groupBy(samples?.gate ?? [], ({ wave }) => wave)];
  if (samples === undefined || waves.length === 0) return undefined;
  const more = waves.length - chartsMax;
  return section(level, 'What the gate judged', [
    html`<p>The share of requests that failed at each look, from the first new pod on, beside what is usual for the wave and how much was allowed at that moment. Pods that have just started may fail more, so the limit falls; when the rest of the mesh, which still runs the old revision, fails more, it rises. The line is dotted where the wave has passed and is still watched. The scale spreads small shares.</p>
<p class="key">${key('line-own', 'this wave')} ${key('band-usual', 'usual, up to the most that is plausible')} ${key('line-limit', 'limit')} ${key('line-rest', 'rest of the mesh')} ${key('line-worst', 'a workload above its limit')} ${key('settling', 'nothing counted yet')}</p>`,
    waves.slice(0, chartsMax).map(([wave, looks]) => gateChart(wave, looks, samples, report, level + 1)),
    more > 0 && html`<p>And ${more} more waves.</p>`,
  ]);
}

const key = (swatch: string, text: string): Markup =>
  html`<span class="together"><span class="swatch ${swatch}"></span> ${text}</span>`;

function gateChart(
  wave: string,
  looks: readonly GateSample[],
  samples: Samples,
  report: RunReport,
  level: number,
): Markup {
  const verdicts = report.verdicts.filter((verdict) => verdict.wave === wave);
  const first = Math.min(...looks.map(({ at }) => at));
  const last = Math.max(first + 1_000, ...[...looks, ...verdicts].map(({ at }) => at));
  // Room at the right, so that the last sample is not on the edge.
  const x = scaleOf(first, last + 0.03 * (last - first));
  const [course = { label: 'failed requests', points: [] }, ...others] = judgedCourses(wave, looks, samples);
  const max = 1.15 * highestIn(course) || 0.01;
  const y = (ratio: number) => round(plotHeight * (1 - Math.sqrt(ratio / max)));
  const newest = looks.at(-1);
  const said =
    verdicts.map(({ verdict, observed }) => `${verdict}${observed ? ' (only observed)' : ''}`).join(', then ') ||
    `no verdict in this run, ${newest?.verdict ?? 'nothing'} at the last look`;
  const verdict = verdicts.at(-1) ?? newest;
  const why = verdict === undefined || verdict.verdict === 'pass' ? '' : verdict.reason;
  const sentence = describeCourse(course, why);
  const picture = plot({
    alternative: `${course.label} of wave ${wave} over ${elapsed(last - first)}: ${sentence} Verdict: ${said}.`,
    x,
    ticks: timeTicks(report.startedAt, first, last),
    values: rootTicks(max, ticksApart, y).map((value) => ({ y: y(value), label: percent(value) })),
    marks: [...verdicts.toReversed().map((each) => verdictMark(each)), ...readyMark(looks)],
    content: [settling(looks, course, x), drawCourse(course, x, y)],
  });
  const besides = others
    .filter(({ points }) => points.some(({ errors }) => errors > 0))
    .map(describeOther)
    .join('; ');
  return html`<figure>${heading(level, [wave, ': ', said, ', ', course.label])}
<figcaption>${why !== '' && html`<p>${why}</p>`}<p>${sentence}${besides !== '' && html` Also: ${besides}.`}</p></figcaption>
${picture}
${details('As a table', tableOf(wave, looks, course, report.startedAt))}
${askedQueries(ownOf(samples.queries, wave) ?? [])}
</figure>`;
}

/**
 * The result of the bake in words: `0.12 % of 2,000 requests: usually 0.1 % (at most 0.104 %), limit 0.21 %, rest of the mesh 0.11 %.`
 * @param why what is said already of a wave that did not pass: then the newest look is meant
 */
function describeCourse({ label, points, usual }: JudgedCourse, why: string): string {
  const baked = why === '' ? points.findLast(({ mode }) => mode === 'bake') : undefined;
  const newest = baked ?? points.at(-1);
  if (newest === undefined) return 'No request was counted.';
  const { ratio, requests, limit, rest } = newest;
  const isSaid = why.startsWith(label);
  const facts = [
    usual === undefined
      ? limit !== undefined && 'there is no history, so the limit is that of gate.errorRatio'
      : `usually ${percent(usual.ratio)} (at most ${few(usual.most)})`,
    !isSaid && limit !== undefined && `limit ${percent(limit)}`,
    rest !== undefined && `rest of the mesh ${percent(rest)}`,
  ].filter((fact) => fact !== false);
  const share = isSaid ? label : `${percent(ratio)} of ${count(requests)} requests`;
  return facts.length === 0 ? `${share}.` : `${share}: ${facts.join(', ')}.`;
}

/** Nothing is known so exactly. */
const few = (ratio: number): string => (ratio < 0.0001 ? '0.01 %' : percent(ratio));

/** `client-side errors 0.3 % of 1,200 requests (limit 0.4 %)` */
function describeOther({ label, points }: JudgedCourse): string {
  const worst = points.toSorted((a, b) => b.ratio - a.ratio)[0];
  if (worst === undefined) return label;
  const { ratio, requests, limit } = worst;
  return `${label} up to ${percent(ratio)} of ${count(requests)} requests${limit === undefined ? '' : ` (limit ${percent(limit)} then)`}`;
}

/** Until then its pods were being replaced. */
function readyMark(looks: readonly GateSample[]): readonly Mark[] {
  const [first, ...later] = looks;
  const ready = later.find(({ mode }) => mode !== 'moving');
  return first?.mode === 'moving' && ready !== undefined
    ? [{ at: ready.at, label: 'all pods ready', tone: 'neutral' }]
    : [];
}

/** From the first look to the first one that had requests to count. */
function settling(looks: readonly GateSample[], { points }: JudgedCourse, x: Scale): Markup | undefined {
  const counting = points[0] ?? looks.at(-1);
  const until = x(counting?.at ?? 0);
  return until > 0 ? html`<rect class="settling" x="0" width="${until}%" y="0" height="${plotHeight}"/>` : undefined;
}

function tableOf(
  wave: string,
  looks: readonly GateSample[],
  { label, points, usual }: JudgedCourse,
  zero: number,
): Markup {
  const byTime = new Map(points.map((point) => [point.at, point]));
  const ratio = (value: number | undefined) => (value === undefined ? '' : percent(value));
  return table(
    `${label} of wave ${wave} at each look`,
    [
      { title: 'time' },
      { title: 'failed', isNumber: true },
      { title: 'of requests', isNumber: true },
      { title: 'share', isNumber: true },
      { title: 'usual', isNumber: true },
      { title: 'limit', isNumber: true },
      { title: 'rest', isNumber: true },
      { title: 'judged' },
    ],
    looks.slice(-rowsMax).map(({ at, verdict, mode }) => {
      const point = byTime.get(at);
      return [
        elapsed(at - zero),
        point === undefined ? '' : count(point.errors),
        point === undefined ? '0' : count(point.requests),
        ratio(point?.ratio),
        ratio(usual?.ratio),
        ratio(point?.limit),
        ratio(point?.rest),
        `${verdict}${phases[mode]}${point?.worst === undefined ? '' : `; ${point.worst.part} ${percent(point.worst.errors / point.worst.requests)}, limit ${percent(point.worst.limit)}`}`,
      ];
    }),
  );
}

const phases = { moving: ' (restarting)', bake: '', watch: ' (watched)' } as const satisfies Record<
  GateSample['mode'],
  string
>;
