import type { Answer, Series } from '../ports/prometheus.ts';

export interface Question {
  query: string;
  /** An instant query at this moment, Unix milliseconds; the server's now when left out. */
  at?: number;
  /** Instead at each of these moments; the answer has a series' value for each, with its moment. */
  range?: Span;
  /** Questions of one name about one moment are sent as one query. */
  group?: string;
}

/** Unix milliseconds. */
interface Span {
  start: number;
  end: number;
  stepMs: number;
}

/**
 * A computation that asks Prometheus as it goes: it yields questions, is resumed with their replies in the same order, and
 * stays a pure function of them. `answered` is what runs it.
 */
export type Asking<Result, Reply> = Generator<readonly Question[], Result, readonly Reply[]>;

/** The series of an answer; `undefined` when the query failed, which the evidence's `distrust` then says. */
export type Reading = readonly Series[] | undefined;

/** For counting: asks all at once. */
export function* read<const Questions extends readonly Question[]>(
  ...questions: Questions
): Asking<Replies<Questions, Reading>, Reading> {
  return (yield questions) as Replies<Questions, Reading>;
}

/** For checks before the upgrade: asks all at once. @throws UpgradeError for a query that fails */
export function* query<const Questions extends readonly Question[]>(
  ...questions: Questions
): Asking<Replies<Questions, Answer>, Answer> {
  return (yield questions) as Replies<Questions, Answer>;
}

type Replies<Questions, Reply> = { [Index in keyof Questions]: Reply };

/** Runs a computation to its result. A reply that fails is thrown into it, where it was asked for. */
export const answered = <Result, Reply>(
  asking: Asking<Result, Reply>,
  reply: (question: Question) => Promise<Reply>,
): Promise<Result> => answeredTogether(asking, (questions) => Promise.all(questions.map(reply)));

/** The same where all questions of a step are answered together. */
export async function answeredTogether<Result, Reply>(
  asking: Asking<Result, Reply>,
  reply: (questions: readonly Question[]) => Promise<readonly Reply[]>,
): Promise<Result> {
  let step = asking.next();
  while (step.done !== true)
    step = await reply(step.value).then(
      (replies) => asking.next(replies),
      (failure: unknown) => asking.throw(failure),
    );
  return step.value;
}

/**
 * Many computations as one. Questions about the past come first, so that those about now are all asked in the same step.
 * @param now Unix milliseconds
 */
export function* sideBySide<Result, Reply>(
  askings: readonly Asking<Result, Reply>[],
  now: number,
): Asking<readonly Result[], Reply> {
  const steps = askings.map((asking) => ({ asking, step: asking.next() }));
  const isPast = ({ range, at }: Question) => range !== undefined || at !== now;
  for (;;) {
    const waiting = steps.flatMap((each) => (each.step.done === true ? [] : [{ each, questions: each.step.value }]));
    if (waiting.length === 0) break;
    const past = waiting.filter(({ questions }) => questions.some(isPast));
    const asked = past.length > 0 ? past : waiting;
    const replies = yield asked.flatMap(({ questions }) => questions);
    let from = 0;
    for (const { each, questions } of asked) {
      each.step = each.asking.next(replies.slice(from, from + questions.length));
      from += questions.length;
    }
  }
  return steps.map(({ step }) => step.value as Result);
}

/** The same question is asked once, however often its answer is wanted. */
export function askedOnce<Reply>(reply: (question: Question) => Promise<Reply>): typeof reply {
  const replies = new Map<string, Promise<Reply>>();
  return (question) => {
    const key = keyOf(question);
    const known = replies.get(key) ?? reply(question);
    replies.set(key, known);
    return known;
  };
}

/** Equal for questions that have the same answer. */
export const keyOf = ({ at, range, query }: Question): string =>
  `${at ?? ''} ${range === undefined ? '' : `${range.start} ${range.end} ${range.stepMs}`} ${query}`;
