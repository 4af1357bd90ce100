import type { Series } from '../ports/prometheus.ts';
import { keyOf, type Question, type Reading } from './asking.ts';

/** An answer, with what speaks against it. */
export interface Reply {
  series: Reading;
  distrust: readonly string[];
}

type Send = (question: Question) => Promise<Reply>;

/**
 * Answers the questions of a turn with few queries: the same question is sent once, and those of a group about one moment are one query,
 * so that neither windows nor waves add to their number.
 */
export function sendGrouped(send: Send): (questions: readonly Question[]) => Promise<readonly Reply[]> {
  const replies = new Map<string, Promise<Reply>>();
  return async (questions) => {
    const unknown = new Map(questions.map((question) => [keyOf(question), question]));
    for (const key of replies.keys()) unknown.delete(key);
    const named = Map.groupBy(unknown, ([key, { at, group }]) => (group ? `${group} ${at}` : key));
    for (const group of [...named.values()].flatMap(inParts)) {
      const sent = sendAsOne(
        send,
        group.map(([, question]) => question),
      );
      for (const [index, [key]] of group.entries()) replies.set(key, replyAt(sent, index));
    }
    return Promise.all(questions.map((question) => replies.get(keyOf(question)) ?? send(question)));
  };
}

/** A query may be a part of a URL, and servers take no more than a megabyte of one. */
const textMax = 250_000;

type Keyed = readonly [key: string, question: Question];

function inParts(group: readonly Keyed[]): readonly (readonly Keyed[])[] {
  const parts: Keyed[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const each of group) {
    length += each[1].query.length;
    if (length > textMax) {
      parts.push([]);
      length = each[1].query.length;
    }
    parts.at(-1)?.push(each);
  }
  return parts;
}

const replyAt = async (sent: Promise<readonly Reply[]>, index: number): Promise<Reply> =>
  (await sent)[index] ?? { series: undefined, distrust: ['an answer is missing'] };

/** Says which question a series answers. */
const marker = 'question';

async function sendAsOne(send: Send, questions: readonly Question[]): Promise<readonly Reply[]> {
  const [first, ...others] = questions;
  if (first === undefined) return [];
  if (others.length === 0) return [await send(first)];
  const query = questions.map((each, index) => marked(each.query, index)).join(' or ');
  const { series, distrust } = await send({ ...first, query });
  if (series === undefined) return questions.map(() => ({ series, distrust }));
  const byQuestion = Map.groupBy(series, ({ labels }) => labels[marker]);
  return questions.map((_, index) => ({ series: (byQuestion.get(String(index)) ?? []).map(unmarked), distrust }));
}

/** Every series of a query with one more label; the label is not there before, so that its value is empty. */
const marked = (query: string, index: number) => `label_replace(${query}, "${marker}", "${index}", "${marker}", "")`;

function unmarked({ labels: { [marker]: _, ...labels }, value, at }: Series): Series {
  return { labels, value, at };
}
