import { formatDuration, parseDuration } from '../model/duration.ts';
import { emptyMatch, queryVariables } from '../promql/lint-promql.ts';
import type { ConfigFinding } from './complaint.ts';
import type { Draft } from './draft.ts';
import { parseRatio } from './ratio.ts';
import { repeated } from './wave-rules.ts';

/** How queries are looked at without asking Prometheus; `lintPromql` wants variables filled in. */
export interface PromqlLint {
  lintPromql(query: string): readonly { line: number; column: number; message: string }[];
  unknownVariables(query: string): readonly string[];
}

/** What must hold inside the gate. Each rule takes the draft and gives its findings. */
export const gateRules = [
  maxBakeIsNotBelowBake,
  bakeHoldsTwoLooks,
  bakeOutlastsSettling,
  watchHoldsTwoLooks,
  noDuplicateCheckNames,
  everyCheckHasALimit,
  minIsNotAboveMax,
];

export function maxBakeIsNotBelowBake({ gate }: Draft): ConfigFinding[] {
  const bake = span(gate, 'bake', '10m');
  const longest = gate?.maxBake === undefined ? undefined : parseDuration(gate.maxBake);
  if (bake === undefined || longest === undefined || longest >= bake) return [];
  return [
    {
      path: ['gate', 'maxBake'],
      message: `gate.maxBake "${gate?.maxBake}" is shorter than the bake of ${formatDuration(bake)}`,
      instead: `write at least maxBake: ${formatDuration(bake)}`,
    },
  ];
}

/** An increase needs two scrapes. */
export function bakeHoldsTwoLooks({ gate }: Draft): ConfigFinding[] {
  return holdsTwoLooks(gate, 'bake', '10m');
}

export function watchHoldsTwoLooks({ gate }: Draft): ConfigFinding[] {
  return holdsTwoLooks(gate, 'watch', '5m');
}

export function bakeOutlastsSettling({ gate }: Draft): ConfigFinding[] {
  const [bake, settle] = [span(gate, 'bake', '10m'), span(gate, 'settle', '30s')];
  if (bake === undefined || settle === undefined || bake > settle) return [];
  return [
    {
      path: ['gate', 'settle' in (gate ?? {}) ? 'settle' : 'bake'],
      message: `gate.bake ${formatDuration(bake)} ends before its first sample has settled (gate.settle is ${formatDuration(settle)})`,
      instead: 'write a longer bake or a shorter settle',
    },
  ];
}

export function noDuplicateCheckNames({ gate }: Draft): ConfigFinding[] {
  return repeated((gate?.checks ?? []).map((check) => check?.name)).map(({ index, first, value }) => ({
    path: ['gate', 'checks', index, 'name'],
    message: `gate.checks[${index}].name "${value}" is already the name of gate.checks[${first}]`,
    instead: 'write another name',
  }));
}

export function everyCheckHasALimit({ gate }: Draft): ConfigFinding[] {
  return (gate?.checks ?? []).flatMap((check, index) =>
    check === undefined || 'max' in check || 'min' in check
      ? []
      : {
          path: ['gate', 'checks', index],
          message: `gate.checks[${index}] has no limit`,
          instead: 'write max, min or both, for example max: 0.5%',
        },
  );
}

export function minIsNotAboveMax({ gate }: Draft): ConfigFinding[] {
  return (gate?.checks ?? []).flatMap((check, index) => {
    if (check?.min === undefined || check.max === undefined || parseRatio(check.min) <= parseRatio(check.max))
      return [];
    return {
      path: ['gate', 'checks', index, 'min'],
      message: `gate.checks[${index}].min ${check.min} is above its max ${check.max}`,
      instead: 'exchange the two',
    };
  });
}

export function everyQueryParses({ gate }: Draft, { lintPromql, unknownVariables }: PromqlLint): ConfigFinding[] {
  return (gate?.checks ?? []).flatMap((check, index): ConfigFinding[] => {
    const path = ['gate', 'checks', index, 'query'];
    const query = check?.query;
    if (query === undefined) return [];
    const unknown = unknownVariables(query).map((name) => ({
      path,
      within: placeOf(query, `\${${name}}`),
      message: `gate.checks[${index}].query uses the unknown variable \${${name}}`,
      instead: `write one of ${queryVariables.map((known) => `\${${known}}`).join(', ')}`,
    }));
    if (unknown.length > 0) return unknown;
    return lintPromql(withSamples(query, hasMatch(gate))).map(({ line, column, message }) => ({
      path,
      within: { line, column },
      message: `gate.checks[${index}].query is not valid PromQL at its line ${line}, column ${column}: ${message}`,
      instead: 'write a query that Prometheus can parse',
    }));
  });
}

function hasMatch(gate: Draft['gate']): boolean {
  return typeof gate?.prometheus === 'object' && Object.keys(gate.prometheus.match ?? {}).length > 0;
}

/** Values as long as their variables, so that places in the query stay the same. */
function withSamples(query: string, hasMatch: boolean): string {
  const written = hasMatch ? query : query.replace(emptyMatch, (nothing) => ' '.repeat(nothing.length));
  return written.replace(/\$\{([^}]*)\}/g, (variable, name: string) => {
    if (name === 'match') return 'x="xxxx"';
    return name === 'window' ? '5m'.padEnd(variable.length) : 'x'.repeat(variable.length);
  });
}

function holdsTwoLooks(gate: Draft['gate'], key: 'bake' | 'watch', standard: string): ConfigFinding[] {
  const [length, interval] = [span(gate, key, standard), span(gate, 'interval', '15s')];
  if (length === undefined || interval === undefined || length >= 2 * interval) return [];
  return [
    {
      path: ['gate', key in (gate ?? {}) ? key : 'interval'],
      message: `gate.${key} ${formatDuration(length)} is shorter than two intervals of ${formatDuration(interval)}`,
      instead: `write at least ${key}: ${formatDuration(2 * interval)}`,
    },
  ];
}

/** A span as written or by default; `undefined` when it was written and refused. */
function span(
  gate: Draft['gate'],
  key: 'bake' | 'settle' | 'interval' | 'watch',
  standard: string,
): number | undefined {
  if (gate === undefined) return undefined;
  const written = key in gate ? gate[key] : standard;
  return written === undefined ? undefined : parseDuration(written);
}

function placeOf(text: string, part: string): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, text.indexOf(part))).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
