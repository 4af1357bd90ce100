// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates under test
import { describe, expect, it } from 'vitest';
import { fillTemplate, lintPromql, selectorsOf, unknownVariables } from '../../src/promql/lint-promql.ts';

describe('lintPromql', () => {
  it.for([
    'up',
    '1',
    'time()',
    'scalar(up)',
    '{__name__=~"istio_.+"}',
    '{"dotted.name", a="b"}',
    'up{job!=""}',
    '-up + 1',
    'rate(foo_total{a="b"}[5m] offset 1m)',
    'rate(foo_total[5m] @ end())',
    'sum by (pod) (rate(istio_requests_total{response_code=~"5.."}[1m])) or vector(0)',
    'sum(rate(a[5m])) / on (pod) group_left (tag) max by (pod, tag) (istio_build)',
    'histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m])))',
    'max_over_time(sum(rate(a[1m]))[10m:30s])',
    'topk(5, a)',
    'count_values("version", build)',
    'label_replace(up, "a", "$1", "b", "(.*)")',
    'label_join(up, "a", "-")',
    'round(a, 0.1) > bool 1',
    '1 > bool 2',
    'hour()',
    'absent(up)',
    'a unless b and c # why',
    'limit_ratio(0.5, a)',
    'a{b=~`\\d+`, c=~"\\\\d", d="\\""}',
    'max_over_time((a - b)[5m:1m])',
    'sort_by_label(a, "b", "c")',
  ])('accepts %s', (query) => {
    expect(lintPromql(query)).toEqual([]);
  });

  it.for([
    { query: '', column: 1, message: 'the query is empty' },
    { query: '# only a comment', column: 17, message: 'unexpected end of the query' },
    { query: 'sum(rate(a[5m])', column: 16, message: 'unexpected end of the query' },
    { query: 'up{a="b"', column: 9, message: 'unexpected end of the query' },
    { query: 'up down', column: 4, message: 'unexpected down' },
    { query: 'a + $b', column: 5, message: 'unexpected $' },
    { query: 'a[5x]', column: 4, message: 'unexpected x' },
    { query: 'requests(a[5m])', column: 9, message: 'unknown function "requests"' },
    { query: 'rate(a)', column: 6, message: 'rate needs a range vector, not an instant vector' },
    { query: 'increase(sum(a))', column: 10, message: 'increase needs a range vector, not an instant vector' },
    { query: 'abs(a[5m])', column: 5, message: 'abs needs an instant vector, not a range vector' },
    { query: 'sum(a[5m])', column: 5, message: 'sum needs an instant vector, not a range vector' },
    { query: 'a[5m]', column: 1, message: 'the query results in a range vector, but one number a series is needed' },
    { query: 'a[5m:1m]', column: 1, message: 'the query results in a range vector, but one number a series is needed' },
    { query: '"a"', column: 1, message: 'the query results in a string, but one number a series is needed' },
    { query: 'a + (b[5m])', column: 5, message: '"+" is not for a range vector' },
    { query: 'rate(sum(a)[5m])', column: 6, message: 'a range is for a selector; write a subquery as [5m:]' },
    {
      query: 'max_over_time(a - b[5m:])',
      column: 15,
      message: 'a subquery of an operation needs parentheses around the operation',
    },
    { query: 'a{b=~"5\\d"}', column: 8, message: 'unknown escape \\d; write \\\\d, or the string in backticks' },
    { query: 'a and 1', column: 7, message: '"and" needs instant vectors, not a scalar' },
    { query: '1 > 2', column: 3, message: 'a comparison of two scalars needs "bool" after ">"' },
    { query: 'sum(a, b)', column: 1, message: 'sum needs one argument, not 2' },
    { query: 'topk(a)', column: 1, message: 'topk needs two arguments, not 1' },
    { query: 'topk("5", a)', column: 6, message: 'the first argument of topk needs a scalar, not a string' },
    { query: 'round(a, 1, 2)', column: 1, message: 'round takes 1 to 2 arguments, not 3' },
    {
      query: 'histogram_quantile(sum(a), 0.9)',
      column: 20,
      message: 'histogram_quantile needs a scalar, not an instant vector',
    },
    { query: 'vector(a)', column: 8, message: 'vector needs a scalar, not an instant vector' },
    {
      query: '{}',
      column: 1,
      message: 'a selector without a name needs a matcher that does not match the empty string',
    },
    {
      query: '{a=~".*"}',
      column: 1,
      message: 'a selector without a name needs a matcher that does not match the empty string',
    },
  ])('reports for `$query`: $message', ({ query, column, message }) => {
    expect(lintPromql(query)).toContainEqual({ line: 1, column, message });
  });

  it('counts lines and columns from one', () => {
    expect(lintPromql('sum(\n  rate(a)\n)')).toMatchObject([{ line: 2, column: 8 }]);
  });
});

describe('selectorsOf', () => {
  it('names every selector once, without range, offset and the functions around it', () => {
    const query = 'sum(rate(a{b="c"}[5m] offset 1m)) / sum(rate(a{b="c"}[1h])) > scalar(d) or {e="f"} @ 1';
    expect(selectorsOf(query)).toEqual(['a{b="c"}', 'd', '{e="f"}']);
  });

  it('finds none in a constant', () => {
    expect(selectorsOf('vector(1)')).toEqual([]);
  });
});

describe('a template', () => {
  const variables = { namespaces: 'a|b', wave: 'first', revision: '1-31-0', from: '1-30-4', window: '90s', match: '' };

  it('is filled with the unchanged values of its variables', () => {
    const query = 'rate(a{namespace=~"${namespaces}",rev!="${from}",rev="${revision}"}[${window}])';
    expect(fillTemplate(query, variables)).toBe('rate(a{namespace=~"a|b",rev!="1-30-4",rev="1-31-0"}[90s])');
    expect(fillTemplate('${wave}', { ...variables, wave: '$&' })).toBe('$&');
  });

  it('with unknown variables is refused, and each of them is named once', () => {
    expect(unknownVariables('${namespace} ${wave} ${namespace} ${} ${toString}')).toEqual([
      'namespace',
      '',
      'toString',
    ]);
    expect(() => fillTemplate('${namespace}', variables)).toThrow('${namespace}');
  });

  it.for([
    { query: 'a{${match}, b="c"}', without: 'a{ b="c"}', filled: 'a{cluster="x", region="eu", b="c"}' },
    { query: 'a{b="c", ${match}}', without: 'a{b="c", }', filled: 'a{b="c", cluster="x", region="eu"}' },
    {
      query: 'a{b="c",${match} ,d="e"}',
      without: 'a{b="c",d="e"}',
      filled: 'a{b="c",cluster="x", region="eu" ,d="e"}',
    },
    { query: 'sum(a{${match}}) / b{ ${match} }', without: 'sum(a{}) / b{ }' },
    { query: 'a{\n  ${match},\n  b="c",\n}', without: 'a{\n  \n  b="c",\n}' },
  ])('is valid PromQL with and without the matchers of a cluster: $query', ({ query, without, filled }) => {
    const [alone, matched] = ['', 'cluster="x", region="eu"'].map((match) =>
      fillTemplate(query, { ...variables, match }),
    );
    expect([alone, matched].flatMap((text) => lintPromql(text ?? ''))).toEqual([]);
    expect(alone).toBe(without);
    if (filled !== undefined) expect(matched).toBe(filled);
  });

  it('keeps a reference of label_replace', () => {
    expect(fillTemplate('label_replace(a, "b", "$1", "c", "(.*)")', variables)).toContain('"$1"');
  });
});
