import { notSimulated, QueryError } from './query-error.ts';

/** What Go's syntax has and JavaScript's has not, or means something else there. */
const onlyInGo = /\\[AzQECpPa]|\[\[:|\(\?[a-zA-Z]*U|\(\?[a-zA-Z]*-/;

/** Go's expression, anchored at both ends, as Prometheus uses it. */
export function anchoredExpression(pattern: string): RegExp {
  if (/\(\?(=|!|<[=!])|\\[1-9]/.test(pattern)) {
    throw new QueryError('bad_data', 'error parsing regexp: invalid or unsupported Perl syntax');
  }
  if (onlyInGo.test(pattern)) throw notSimulated(`the regular expression ${pattern}`);
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const body = pattern.slice(flags?.[0].length ?? 0).replaceAll('(?P<', '(?<');
  if (/\(\?[a-z]+\)/.test(body)) throw notSimulated(`the regular expression ${pattern}`);
  try {
    return new RegExp(`^(?:${body})$`, [...new Set(`s${flags?.[1] ?? ''}`)].join(''));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new QueryError('bad_data', `error parsing regexp: ${cause.message}`);
    throw cause;
  }
}
