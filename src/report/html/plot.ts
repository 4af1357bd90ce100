import { type Content, html, type Markup } from './html.ts';
import type { Scale, Tick } from './scale.ts';

/** The height of a plot without the space above and below it, in pixels. */
export const plotHeight = 150;
/** For the marks above. */
const above = 34;
/** For the times below. */
const below = 22;

export interface Plot {
  /** The content of the picture, in words. */
  alternative: string;
  x: Scale;
  ticks: readonly Tick[];
  /** Labels of the vertical axis, `y` in pixels from the top of the plot. */
  values: readonly { y: number; label: string }[];
  /** Moments with a name above the plot, the most important first: if two names would touch, the later one is left out. */
  marks: readonly Mark[];
  content: Content;
}

export interface Mark {
  at: number;
  label: string;
  tone: 'neutral' | 'good' | 'bad' | 'back';
}

/**
 * A picture that fills the width, with text of one size: all positions along the time axis are in percent,
 * all heights in pixels.
 */
export function plot({ alternative, x, ticks, values, marks, content }: Plot): Markup {
  const height = above + plotHeight + below;
  return html`<div class="plot">
<svg class="values" width="52" height="${height}" aria-hidden="true">${values.map(
    ({ y, label }) => html`<text x="46" y="${above + y + 4}" text-anchor="end">${label}</text>`,
  )}</svg>
<svg class="field" width="100%" height="${height}" role="img" aria-label="${alternative}">
${values.map(({ y }) => html`<line class="grid" x1="0" x2="100%" y1="${above + y}" y2="${above + y}"/>`)}
<svg x="0" y="${above}" width="100%" height="${plotHeight}" overflow="visible">${content}</svg>
${timeAxis(x, ticks, above + plotHeight)}
${placed(marks, x).map((mark) => markOf(mark, x))}
</svg>
</div>`;
}

/** The line, the ticks and the times below it. */
export function timeAxis(x: Scale, ticks: readonly Tick[], y: number): Markup {
  return html`<line class="axis" x1="0" x2="100%" y1="${y}" y2="${y}"/>${ticks.map(
    ({ at, label }) =>
      html`<line class="axis" x1="${x(at)}%" x2="${x(at)}%" y1="${y}" y2="${y + 4}"/><text class="time" x="${x(at)}%" y="${y + 17}" text-anchor="${anchor(x(at))}">${label}</text>`,
  )}`;
}

/** Names stay inside the picture. */
function anchor(place: number): 'start' | 'middle' | 'end' {
  if (place < 12) return 'start';
  return place > 88 ? 'end' : 'middle';
}

/** The width of a name on a small screen, in percent of the screen. */
const nameWidth = 30;

function placed(marks: readonly Mark[], x: Scale): readonly (Mark & { named: boolean; row: number })[] {
  const taken: { row: number; from: number; to: number }[] = [];
  return marks.map((mark) => {
    const place = x(mark.at);
    const from = { start: place, middle: place - nameWidth / 2, end: place - nameWidth }[anchor(place)];
    const row = [0, 1].find((each) =>
      taken.every((other) => other.row !== each || from + nameWidth <= other.from || from >= other.to),
    );
    if (row !== undefined) taken.push({ row, from, to: from + nameWidth });
    return { ...mark, named: row !== undefined, row: row ?? 0 };
  });
}

function markOf({ at, label, tone, named, row }: Mark & { named: boolean; row: number }, x: Scale): Markup {
  const place = x(at);
  return html`<g class="mark ${tone}"><line x1="${place}%" x2="${place}%" y1="${named ? above - 4 - 14 * row : above}" y2="${above + plotHeight}"/>${
    named && html`<text x="${place}%" y="${above - 8 - 14 * row}" text-anchor="${anchor(place)}">${label}</text>`
  }</g>`;
}
