import { elapsed } from '../render-event.ts';
import type { RunReport } from '../run-report.ts';
import type { GateSample, Samples } from '../samples.ts';
import { drawRatios, errorRatios, type Ratio, tellingRatios } from './error-ratio.ts';
import { count, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { verdictMark } from './marks.ts';
import { plot, plotHeight } from './plot.ts';
import { round, type Scale, scaleOf, timeTicks, valueTicks } from './scale.ts';
import { details, heading, section } from './section.ts';
import { table } from './table.ts';

const chartsMax = 50;
const rowsMax = 100;

/** The error ratio that the gate judged, one chart for each wave over its own part of the run. */
export function gateCharts(report: RunReport, level: number): Markup | undefined {
  const waves = [...Map.groupBy(report.samples?.gate ?? [], ({ wave }) => wave)];
  if (waves.length === 0) return undefined;
  const more = waves.length - chartsMax;
  return section(level, 'Errors of the judged traffic', [
    html`<p>The share of requests that failed since the wave was ready, as its pods on the new revision counted them; the line is dotted where the wave has passed and is still watched.</p>
<p class="key">${key('line-deciding', 'failed requests')} ${key('line-limit', 'limit')} ${key('settling', 'nothing counted yet')}</p>`,
    waves.slice(0, chartsMax).map(([wave, samples]) => gateChart(wave, samples, report, level + 1)),
    more > 0 && html`<p>And ${more} more waves.</p>`,
  ]);
}

const key = (swatch: string, text: string): Markup =>
  html`<span class="together"><span class="swatch ${swatch}"></span> ${text}</span>`;

function gateChart(wave: string, samples: readonly GateSample[], report: RunReport, level: number): Markup {
  const views = report.samples?.views ?? [];
  const limit = report.plan?.gate?.errorRatioMax;
  const verdicts = report.verdicts.filter((verdict) => verdict.wave === wave);
  const first = Math.min(...samples.map(({ at }) => at));
  const last = Math.max(first + 1_000, ...[...samples, ...verdicts].map(({ at }) => at));
  // Room at the right, so that the last sample is not on the edge.
  const x = scaleOf(first, last + 0.03 * (last - first));
  const ratios = errorRatios(samples, views);
  const highest = Math.max(0, ...ratios.flatMap(({ points }) => points.map(({ ratio }) => ratio)));
  const max = Math.max(1.15 * highest, 1.6 * (limit ?? 0)) || 0.01;
  const y = (ratio: number) => round(plotHeight - (plotHeight * ratio) / max);
  const drawn = tellingRatios(ratios, y);
  const said = verdicts.map(({ verdict }) => verdict).join(', then ') || 'no verdict in this run';
  const sentence = `${counts(ratios)}${limit === undefined ? '' : `, limit ${percent(limit)}`}.`;
  const verdict = verdicts.at(-1);
  const why = verdict === undefined ? samples.at(-1)?.reason : verdict.verdict === 'pass' ? undefined : verdict.reason;
  const picture = plot({
    alternative: `Error ratio of wave ${wave} over ${elapsed(last - first)}: ${sentence} Verdict: ${said}.`,
    x,
    ticks: timeTicks(report.startedAt, first, last),
    values: valueTicks(max).map((value) => ({ y: y(value), label: percent(value) })),
    marks: verdicts.toReversed().map((each) => verdictMark(each)),
    content: [settling(samples, ratios, x), limit !== undefined && limitLine(limit, y), drawRatios(drawn, x, y)],
  });
  return html`<figure>${heading(level, [wave, ': ', said])}
<figcaption>${why ?? sentence}${drawn.length > 1 && html`<span class="key">${drawn.map(({ tone, name }) => key(`line-${tone}`, name))}</span>`}</figcaption>
${picture}
${details('As a table', looks(wave, samples, views, report.startedAt))}
</figure>`;
}

/** The result of the bake. */
function counts([deciding]: readonly Ratio[]): string {
  const newest = deciding?.points.findLast(({ mode }) => mode === 'bake') ?? deciding?.points.at(-1);
  return newest === undefined
    ? 'No request was counted'
    : `${percent(newest.ratio)} of ${count(newest.requests)} requests failed`;
}

/** From the first sample to the first one that had requests to count. */
function settling(samples: readonly GateSample[], [deciding]: readonly Ratio[], x: Scale): Markup | undefined {
  const counting = deciding?.points[0] ?? samples.at(-1);
  const until = x(counting?.at ?? 0);
  return until > 0 ? html`<rect class="settling" x="0" width="${until}%" y="0" height="${plotHeight}"/>` : undefined;
}

function limitLine(limit: number, y: (ratio: number) => number): Markup {
  return html`<line class="line-limit" x1="0" x2="100%" y1="${y(limit)}" y2="${y(limit)}"/><text class="limit" x="4" y="${y(limit) - 5}">limit ${percent(limit)}</text>`;
}

function looks(wave: string, samples: readonly GateSample[], [deciding]: Samples['views'], zero: number): Markup {
  return table(
    `What the gate had counted for wave ${wave} at each query`,
    [
      { title: 'time' },
      { title: 'failed', isNumber: true },
      { title: 'of requests', isNumber: true },
      { title: 'judged' },
    ],
    samples.slice(-rowsMax).map(({ at, counted, verdict, mode }) => {
      const { requests, errors } = counted[deciding?.gate ?? ''] ?? { requests: 0, errors: 0 };
      return [elapsed(at - zero), count(errors), count(requests), mode === 'watch' ? `${verdict} (watched)` : verdict];
    }),
  );
}
