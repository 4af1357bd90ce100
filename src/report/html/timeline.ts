import { elapsed } from '../render-event.ts';
import type { RunReport } from '../run-report.ts';
import { took } from './format.ts';
import { html, type Markup } from './html.ts';
import { timeAxis } from './plot.ts';
import { round, type Scale, scaleOf, type Tick, timeTicks } from './scale.ts';
import { heading, section } from './section.ts';

/** Of one bar, in pixels. */
const height = 20;

const keyTexts = { wait: 'waiting', work: 'a change in flight', tick: 'a change began' };

interface Drawing {
  x: Scale;
  ticks: readonly Tick[];
  zero: number;
}

/** Stages and waves as bars on one time axis; for screen readers the same facts are a list. */
export function timeline(report: RunReport, level: number): Markup | undefined {
  const { startedAt, durationMs, stages, effects, phases = [], waves } = report;
  if (stages.length === 0) return undefined;
  const end = startedAt + Math.max(durationMs, 1);
  const drawing = { x: scaleOf(startedAt, end), ticks: timeTicks(startedAt, startedAt, end), zero: startedAt };
  const forward = stages.filter(({ direction }) => direction === 'forward');
  const back = stages.filter(({ direction }) => direction === 'back');
  const byStage = Map.groupBy(effects, (effect) => stages.findLast((stage) => stage.startedAt <= effect.startedAt));
  const lanes = (list: RunReport['stages']) =>
    list.map((stage) => stageLane(stage, byStage.get(stage) ?? [], report, drawing));
  return section(level, 'Timeline', [
    html`<p class="key">${(['wait', 'work', 'tick'] as const).map((kind) => html`<span class="together"><span class="swatch ${kind}"></span> ${keyTexts[kind]}</span> `)}</p>`,
    group(level + 1, 'Forward', 'forward', lanes(forward)),
    group(
      level + 1,
      'Waves',
      'forward',
      waves
        .filter(({ name }) => phases.some(({ wave }) => wave === name))
        .map(({ name }) =>
          waveLane(
            name,
            phases.filter(({ wave }) => wave === name),
            drawing,
          ),
        ),
    ),
    group(level + 1, '↩ Back', 'back', lanes(back)),
    html`<div class="lane axis-lane" aria-hidden="true"><svg class="bar" width="100%" height="22">${timeAxis(drawing.x, drawing.ticks, 1)}</svg></div>`,
  ]);
}

function group(level: number, title: string, tone: 'forward' | 'back', lanes: readonly Markup[]): Markup | undefined {
  if (lanes.length === 0) return undefined;
  return html`${heading(level, title)}<ol class="lanes ${tone}">${lanes}</ol>`;
}

function stageLane(
  { number, title, startedAt, durationMs, done }: RunReport['stages'][number],
  effects: RunReport['effects'],
  { outcome }: RunReport,
  drawing: Drawing,
): Markup {
  const cutShort = outcome === undefined || outcome.kind === 'interrupted';
  const mark = done ? '✔' : cutShort ? '…' : '✘';
  const ended = done ? 'done' : cutShort ? 'not finished' : 'stopped';
  return lane(
    html`<span class="mark ${done ? 'good' : cutShort ? 'neutral' : 'bad'}"><span aria-hidden="true">${mark}</span><span class="heard">${ended}</span></span> ${number} ${title}`,
    startedAt,
    durationMs,
    drawing,
    [
      bar('wait', startedAt, durationMs, drawing),
      ...effects
        .filter((effect) => drawing.x(effect.startedAt + effect.durationMs) - drawing.x(effect.startedAt) > 0.3)
        .map((effect) => bar('work', effect.startedAt, effect.durationMs, drawing)),
      ...ticksOf(effects, drawing),
    ],
  );
}

function waveLane(name: string, phases: NonNullable<RunReport['phases']>, drawing: Drawing): Markup {
  const [first, last] = [phases[0], phases.at(-1)];
  const from = first?.startedAt ?? drawing.zero;
  const until = (last?.startedAt ?? from) + (last?.durationMs ?? 0);
  const verdict = phases.findLast((phase) => phase.verdict !== undefined)?.verdict;
  const told = phases.map(({ phase, durationMs }) => `${phase} ${took(durationMs)}`).join(', ');
  return lane(
    html`${verdict !== undefined && html`<span class="mark ${verdict === 'pass' ? 'good' : 'bad'}" aria-hidden="true">${verdict === 'pass' ? '✔' : '✘'}</span> `}${name}: ${told}${verdict !== undefined && `, ${verdict}`}`,
    from,
    until - from,
    drawing,
    phases.map(({ phase, startedAt, durationMs }) =>
      bar(phase === 'restart' ? 'work' : 'wait', startedAt, durationMs, drawing),
    ),
  );
}

function lane(
  name: Markup,
  startedAt: number,
  durationMs: number,
  { ticks, x, zero }: Drawing,
  content: readonly Markup[],
): Markup {
  return html`<li class="lane"><span class="name">${name}</span> <span class="took"><span class="heard">from ${elapsed(startedAt - zero)}, took</span> ${took(durationMs)}</span>
<svg class="bar" width="100%" height="${height}" aria-hidden="true">${ticks.map(({ at }) => html`<line class="grid" x1="${x(at)}%" x2="${x(at)}%" y1="0" y2="${height}"/>`)}${content}</svg></li>
`;
}

/** A bar of no duration is still visible as a line, since its border has a width. */
function bar(kind: 'wait' | 'work', startedAt: number, durationMs: number, { x }: Drawing): Markup {
  const left = x(startedAt);
  return html`<rect class="${kind}" x="${left}%" width="${round(x(startedAt + durationMs) - left)}%" y="4" height="${height - 8}"/>`;
}

/** Of a thousand restarts only as many ticks are drawn as can be distinguished. */
function ticksOf(effects: RunReport['effects'], { x }: Drawing): readonly Markup[] {
  const places = new Map(effects.map((effect) => [Math.round(4 * x(effect.startedAt)), effect.failed]));
  return [...places].map(
    ([place, failed]) =>
      html`<line class="${failed ? 'tick failed' : 'tick'}" x1="${place / 4}%" x2="${place / 4}%" y1="1" y2="${height - 1}"/>`,
  );
}
