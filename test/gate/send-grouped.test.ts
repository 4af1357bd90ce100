import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/gate/asking.ts';
import { type Reply, sendGrouped } from '../../src/gate/send-grouped.ts';
import { prometheusOf, scraped } from './samples.ts';

/** Sends to a Prometheus with one counter of five requests and one of seven. */
function sender(failure?: string) {
  const series = [
    scraped({ __name__: 'a', pod: 'x' }, [0, 60_000], () => 5),
    scraped({ __name__: 'b' }, [0, 60_000], () => 7),
  ];
  const { asked, metrics } = prometheusOf(series);
  const send = async ({ query, at }: Question): Promise<Reply> => {
    const { series: found } = await metrics.query(query, at);
    return failure === undefined ? { series: found, distrust: [] } : { series: undefined, distrust: [failure] };
  };
  return { asked, reply: sendGrouped(send) };
}

const at = 60_000;
const group = 'some';
const valuesOf = (replies: readonly Reply[]) =>
  replies.map(({ series }) => series?.map(({ labels, value }) => ({ labels, value })));

describe('questions of a turn', () => {
  it('of one group about one moment are one query, and each has its own answer', async () => {
    const { asked, reply } = sender();
    const queries = ['sum by (pod) (a)', 'sum (b)', 'sum (c)', 'sum (b) or sum by (pod) (a)'];
    const replies = await reply(queries.map((query) => ({ query, at, group })));
    expect(valuesOf(replies)).toEqual([
      [{ labels: { pod: 'x' }, value: 5 }],
      [{ labels: {}, value: 7 }],
      [],
      [
        { labels: {}, value: 7 },
        { labels: { pod: 'x' }, value: 5 },
      ],
    ]);
    expect(asked).toHaveLength(1);
  });

  it('are sent as they are where they are alone in their group or moment', async () => {
    const { asked, reply } = sender();
    const questions = [
      { query: 'a', at, group },
      { query: 'b', at: 30_000, group },
      { query: 'sum (a)', at, group: 'others' },
      { query: 'sum (b)', at },
      { query: 'sum (a) + sum (b)', at },
    ];
    await reply(questions);
    expect(asked).toEqual(questions.map(({ query }) => query));
  });

  it('are several queries where one would be too long for a URL', async () => {
    const { asked, reply } = sender();
    const long = (name: string) => `sum (${name}{x!~"${'x'.repeat(100_000)}"})`;
    const replies = await reply(['a', 'b', 'c'].map((name) => ({ query: long(name), at, group })));
    expect(asked).toHaveLength(2);
    expect(valuesOf(replies)).toEqual([[{ labels: {}, value: 5 }], [{ labels: {}, value: 7 }], []]);
  });

  it('are sent once, also in a later step, and in another group', async () => {
    const { asked, reply } = sender();
    const first = await reply(['a', 'b', 'a'].map((query) => ({ query, at, group })));
    const second = await reply([
      { query: 'b', at, group: 'others' },
      { query: 'a', at },
    ]);
    expect(asked).toHaveLength(1);
    expect(valuesOf(second)).toEqual(valuesOf([first[1], first[0]] as Reply[]));
  });

  it('share what speaks against the answer of their query', async () => {
    const { reply } = sender('connection refused');
    const replies = await reply(['a', 'b'].map((query) => ({ query, at, group })));
    expect(replies).toEqual([1, 2].map(() => ({ series: undefined, distrust: ['connection refused'] })));
  });
});
