import type { Answer, Series } from '../ports/prometheus.ts';
import type { Readings } from './count-traffic.ts';

/** An instant query. */
export interface Question {
  query: string;
  /** Unix milliseconds; the server's now when left out. */
  at?: number;
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

/**
 * Raw counters at two moments, Unix milliseconds.
 * @returns `undefined` when either is lost: with one of them, all that ever failed would count as failed since then
 */
export function* between(text: string, from: number, until: number): Asking<Readings | undefined, Reading> {
  const [before, after] = yield* read({ query: text, at: from }, { query: text, at: until });
  return before === undefined || after === undefined ? undefined : { before, after };
}

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
    const key = `${question.at ?? ''} ${question.query}`;
    const known = replies.get(key) ?? reply(question);
    replies.set(key, known);
    return known;
  };
}
