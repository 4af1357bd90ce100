import type { GateSample, Samples } from '../samples.ts';
import { count, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { round, type Scale } from './scale.ts';

/** One view of a wave's traffic over time. */
export interface Ratio {
  name: string;
  tone: string;
  points: readonly Point[];
}

interface Point {
  at: number;
  ratio: number;
  requests: number;
  mode: GateSample['mode'];
}

/** The deciding view first. */
export function errorRatios(samples: readonly GateSample[], views: Samples['views']): readonly Ratio[] {
  return views.map(({ gate, label }, index) => ({
    name: label,
    tone: tones[index] ?? lastTone,
    points: samples.flatMap((sample) => pointOf(sample, gate)),
  }));
}

/** The style sheet has a colour for each; further views share the last. */
const lastTone = 'third';
const tones = ['deciding', 'second', lastTone];

/** Without requests there is no ratio and no point in the chart: an absent number is not zero. */
function pointOf({ at, mode, counted }: GateSample, gate: string): readonly Point[] {
  const { requests, errors } = counted[gate] ?? { requests: 0, errors: 0 };
  return requests > 0 ? [{ at, mode, requests, ratio: errors / requests }] : [];
}

type Height = (ratio: number) => number;

/** The deciding view, and those of the others that differ from it. */
export function tellingRatios(ratios: readonly Ratio[], y: Height): readonly Ratio[] {
  const [deciding, ...others] = ratios;
  return deciding === undefined ? [] : [deciding, ...others.filter((other) => differs(other, deciding, y))];
}

/** The lines, the deciding one on top; only that one has its values beside it. */
export function drawRatios(ratios: readonly Ratio[], x: Scale, y: Height): readonly Markup[] {
  const [deciding] = ratios;
  return [
    ...ratios.toReversed().flatMap((each) => lineOf(each, x, y)),
    ...(deciding === undefined ? [] : labelsOf(deciding, x, y)),
  ];
}

/** Lines nearer than this cover each other, in pixels. */
const apart = 4;

function differs({ points }: Ratio, deciding: Ratio, y: Height): boolean {
  const known = new Map(deciding.points.map(({ at, ratio }) => [at, ratio]));
  return points.some(({ at, ratio }) => {
    const other = known.get(at);
    return other === undefined || Math.abs(y(ratio) - y(other)) > apart;
  });
}

/** More samples than these would run together as dots. */
const dotsMax = 40;

function lineOf({ tone, points }: Ratio, x: Scale, y: Height): readonly Markup[] {
  const lines = points.slice(1).map((point, index) => {
    const before = points[index] ?? point;
    return html`<line class="line-${tone} ${point.mode}" x1="${x(before.at)}%" x2="${x(point.at)}%" y1="${y(before.ratio)}" y2="${y(point.ratio)}"/>`;
  });
  const dots = points.length <= dotsMax ? points : points.slice(-1);
  return [
    ...lines,
    ...dots.map(({ at, ratio }) => html`<circle class="line-${tone}" cx="${x(at)}%" cy="${y(ratio)}" r="3.5"/>`),
  ];
}

/** The value at the end of the bake, and the one at the end of a long watch if the two labels do not touch. */
function labelsOf({ points }: Ratio, x: Scale, y: Height): readonly Markup[] {
  const baked = points.findLast(({ mode }) => mode === 'bake');
  const end = points.at(-1);
  const isFar = baked === undefined || end === undefined || x(end.at) - x(baked.at) > 2 * labelWidth;
  return [...new Set([baked, isFar ? end : undefined])]
    .filter((point) => point !== undefined)
    .map(({ at, ratio, requests }) => {
      const place = x(at);
      const before = place > labelWidth;
      return html`<text class="value" x="${place}%" dx="${before ? -8 : 8}" y="${round(y(ratio) - 8)}" text-anchor="${before ? 'end' : 'start'}">${percent(ratio)} of ${count(requests)}</text>`;
    });
}

/** In percent of a small screen. */
const labelWidth = 33;
