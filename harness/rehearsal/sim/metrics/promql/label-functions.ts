import { type Functions, samplesIn, stringIn } from './call-site.ts';
import { executionError, QueryError } from './query-error.ts';
import { anchoredExpression } from './regular-expression.ts';
import { vector, withLabel } from './value.ts';

export const LabelFunctions: Functions = {
  label_replace: ([value, ...strings]) => {
    const [target = '', template = '', source = '', pattern = ''] = strings.map(stringIn);
    expectLabel(target, 'destination', 'label_replace');
    const expression = expressionOf(pattern);
    return vector(
      samplesIn(value).map((sample) => {
        const match = expression.exec(sample.labels[source] ?? '');
        if (!match) return sample;
        return { ...sample, labels: withLabel(sample.labels, target, expand(template, match)) };
      }),
    );
  },
  label_join: ([value, ...strings]) => {
    const [target = '', separator = '', ...sources] = strings.map(stringIn);
    for (const source of sources) expectLabel(source, 'source', 'label_join');
    expectLabel(target, 'destination', 'label_join');
    return vector(
      samplesIn(value).map((sample) => {
        const joined = sources.map((source) => sample.labels[source] ?? '').join(separator);
        return { ...sample, labels: withLabel(sample.labels, target, joined) };
      }),
    );
  },
};

// Any text is a label name since Prometheus 3.
function expectLabel(name: string, role: string, call: string): void {
  if (name === '') throw executionError(`invalid ${role} label name in ${call}(): `);
}

function expressionOf(pattern: string): RegExp {
  try {
    return anchoredExpression(pattern);
  } catch (error) {
    if (!(error instanceof QueryError) || error.message.startsWith('not simulated')) throw error;
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

/** Go's templates: `$1`, `${1}`, `$name`, and `$$` for a dollar; a group that is not there is empty. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    if (whole === '$$') return '$';
    const name = bare ?? braced ?? '';
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? '';
  });
}
