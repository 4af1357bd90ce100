import { count, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import type { JudgedCourse, Point } from './judged-course.ts';
import { plotHeight } from './plot.ts';
import { round, type Scale } from './scale.ts';

/** From a ratio to pixels from the top of the plot. */
export type Height = (ratio: number) => number;

/** Everything that the scale must show. */
export const highestIn = ({ points, usual }: JudgedCourse): number =>
  Math.max(
    usual?.most ?? 0,
    ...points.flatMap(({ ratio, limit = 0, rest = 0, worst }) => [
      ratio,
      limit,
      rest,
      ...(worst === undefined ? [] : [worst.errors / worst.requests]),
    ]),
  );

/** The band of what is usual, the limit, the rest of the mesh, and on top of them the wave itself. */
export function drawCourse({ points, usual }: JudgedCourse, x: Scale, y: Height): readonly Markup[] {
  return [
    ...(usual === undefined ? [] : [bandOf(usual, y)]),
    ...restLine(points, x, y),
    ...limitSteps(points, x, y),
    ...ownLine(points, x, y),
    ...worstDots(points, x, y),
    ...labelsOf(points, x, y),
  ];
}

/** At least as high as a line, so that it is seen when the most that is usual is hardly more than the usual. */
function bandOf({ ratio, most }: NonNullable<JudgedCourse['usual']>, y: Height): Markup {
  const top = y(most);
  return html`<rect class="band-usual" x="0" width="100%" y="${top}" height="${round(Math.max(2, y(ratio) - top))}"/>`;
}

/** From one look to the next the limit stays, then it changes at once. */
function limitSteps(points: readonly Point[], x: Scale, y: Height): readonly Markup[] {
  const limits = points.flatMap(({ at, limit }) =>
    limit === undefined ? [] : [{ x: x(at), y: y(limit), tone: 'line-limit' }],
  );
  const corners = limits.flatMap((point, index) => {
    const before = limits[index - 1];
    return before === undefined ? [point] : [{ ...point, y: before.y }, point];
  });
  return segments(corners);
}

function restLine(points: readonly Point[], x: Scale, y: Height): readonly Markup[] {
  const rest = points.flatMap(({ at, rest: ratio }) =>
    ratio === undefined ? [] : [{ x: x(at), y: y(ratio), tone: 'line-rest' }],
  );
  return segments(rest);
}

interface Place {
  x: number;
  y: number;
  /** Of the line that ends here. */
  tone: string;
}

/** One line for each stretch on one height: of hundreds of looks most differ in nothing. */
function segments(places: readonly Place[]): readonly Markup[] {
  const isCorner = (place: Place, other: Place | undefined) => other?.y !== place.y || other.tone !== place.tone;
  const corners = places.filter(
    (place, index) => isCorner(place, places[index - 1]) || isCorner(place, places[index + 1]),
  );
  return corners.slice(1).map((place, index) => {
    const before = corners[index] ?? place;
    return html`<line class="${place.tone}" x1="${before.x}%" x2="${place.x}%" y1="${before.y}" y2="${place.y}"/>`;
  });
}

/** More looks than these would run together as dots. */
const dotsMax = 40;

function ownLine(points: readonly Point[], x: Scale, y: Height): readonly Markup[] {
  const places = points.map(({ at, ratio, mode }) => ({ x: x(at), y: y(ratio), tone: `line-own ${mode}` }));
  const dots = points.length <= dotsMax ? places : places.slice(-1);
  return [
    ...segments(places),
    ...dots.map((place) => html`<circle class="line-own" cx="${place.x}%" cy="${place.y}" r="3"/>`),
  ];
}

/** The workload that fails, where it does; named once. */
function worstDots(points: readonly Point[], x: Scale, y: Height): readonly Markup[] {
  const red = points.flatMap(({ at, worst }) => (worst === undefined ? [] : [{ at, ...worst }]));
  const dots = red.slice(-dotsMax).map(({ at, errors, requests }) => {
    return html`<circle class="line-worst" cx="${x(at)}%" cy="${y(errors / requests)}" r="4.5"/>`;
  });
  const last = red.at(-1);
  if (last === undefined) return dots;
  const { part, errors, requests } = last;
  return [
    ...dots,
    valueLabel(
      `${part} ${percent(errors / requests)} of ${count(requests)}`,
      x(last.at),
      y(errors / requests),
      'worst',
    ),
  ];
}

/** The newest value, that at the end of the bake if the two labels do not touch, and the newest limit. */
function labelsOf(points: readonly Point[], x: Scale, y: Height): readonly Markup[] {
  const baked = points.findLast(({ mode }) => mode === 'bake');
  const end = points.at(-1);
  const isFar = baked !== undefined && end !== undefined && x(end.at) - x(baked.at) > labelWidth;
  const values = [...new Set([isFar ? baked : undefined, end])].filter((point) => point !== undefined);
  const limit = points.findLast((point) => point.limit !== undefined);
  return [
    ...values.map((point) =>
      valueLabel(`${percent(point.ratio)} of ${count(point.requests)}`, x(point.at), valuePlace(point, y), 'value'),
    ),
    ...(limit?.limit === undefined
      ? []
      : [valueLabel(`limit ${percent(limit.limit)}`, x(limit.at), limitPlace(limit, limit.limit, y), 'limit')]),
  ];
}

/** Of a line of text, in pixels. */
const lineHeight = 16;

/** Above the line; below it where the name of a verdict stands above. */
const valuePlace = ({ ratio }: Point, y: Height): number => (y(ratio) < lineHeight ? y(ratio) + 26 : y(ratio));

/** Below the limit when the value is above it; else above it, and above the value where that stands there. */
function limitPlace(point: Point, limit: number, y: Height): number {
  const [own, value] = [y(limit), valuePlace(point, y)];
  if (point.ratio > limit) return own < plotHeight - lineHeight ? own + 22 : own;
  return Math.abs(own - value) < lineHeight ? Math.min(own, value) - lineHeight : own;
}

function valueLabel(text: string, place: number, height: number, tone: string): Markup {
  const before = place > labelWidth;
  return html`<text class="${tone}" x="${place}%" dx="${before ? -8 : 8}" y="${round(height - 8)}" text-anchor="${before ? 'end' : 'start'}">${text}</text>`;
}

/** In percent of a small screen. */
const labelWidth = 33;
