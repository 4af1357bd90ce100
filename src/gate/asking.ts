import type { Answer, Series } from '../ports/prometheus.ts';

export interface Question {
  query: string;
  /** An instant query at this moment, Unix milliseconds; the server's now when left out. */
  at?: number;
  /** Instead at each of these moments; the answer has a series' value for each, with its moment. */
  range?: Span;
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
export async function answered<Result, Reply>(
  asking: Asking<Result, Reply>,
  reply: (question: Question) => Promise<Reply>,
): Promise<Result> {
  let step = asking.next();
  while (step.done !== true)
    step = await Promise.all(step.value.map(reply)).then(
      (replies) => asking.next(replies),
      (failure: unknown) => asking.throw(failure),
    );
  return step.value;
}

/** The same question is asked once, however many gates want its answer. */
export function askedOnce<Reply>(reply: (question: Question) => Promise<Reply>): typeof reply {
  const replies = new Map<string, Promise<Reply>>();
  return (question) => {
    const { at, range, query } = question;
    const key = `${at ?? ''} ${range === undefined ? '' : `${range.start} ${range.end} ${range.stepMs}`} ${query}`;
    const known = replies.get(key) ?? reply(question);
    replies.set(key, known);
    return known;
  };
}
