import { type DefinedCode, docsOf, type Entry, type Meaning } from './code.ts';

/** Who must act on an error. */
export type Actor = 'workflow author' | 'mesh operator' | 'service owner' | 'platform' | 'maintainer';

/** What a run comes to that an error ends: a key of the exit codes in model/outcome.ts. */
export type FailureKind = 'internal' | 'usage' | 'unreachable' | 'blocked' | 'held';

/** One form of the catalogue: an error that ends a run, or fails one of its effects. */
export interface ErrorForm<Args extends unknown[], C extends string = string> extends Entry<C>, Meaning {
  message: (...args: Args) => string;
  hint: string | ((...args: Args) => string);
  /** What to do, as a sentence without names, where `hint` is made of them. */
  remedy?: string;
  actor: Actor;
  /** How the mesh was left when this is raised. */
  state: string;
  exit: FailureKind;
  /**
   * While an effect is performed: it ends the run, because there is no telling what came about, or it stops the stage under its
   * own code. Left out: the effect has failed, and it is the reason.
   */
  whileWriting?: 'ends the run' | 'stops the stage';
}

/** A failure that is part of the product: what happened, what to do, who must act, how the mesh was left. */
export class UpgradeError extends Error {
  override readonly name = 'UpgradeError';
  readonly code: DefinedCode;
  readonly title: string;
  readonly hint: string;
  readonly actor: Actor;
  readonly state: string;
  readonly exit: FailureKind;
  readonly whileWriting: ErrorForm<never[]>['whileWriting'];
  readonly meaning: Meaning;
  readonly docs: string;

  constructor(facts: Facts, options?: ErrorOptions) {
    super(facts.message, options);
    this.code = facts.code;
    this.title = facts.title;
    this.hint = facts.hint;
    this.actor = facts.actor;
    this.state = facts.state;
    this.exit = facts.exit;
    this.whileWriting = facts.whileWriting;
    this.meaning = facts.meaning;
    this.docs = facts.docs;
  }

  toJSON(): Record<string, unknown> {
    const { code, title, message, hint, actor, state, docs } = this;
    return { code, title, message, hint, actor, state, docs };
  }
}

type Facts = Pick<
  UpgradeError,
  'code' | 'title' | 'message' | 'hint' | 'actor' | 'state' | 'exit' | 'whileWriting' | 'meaning' | 'docs'
>;

/** Its code is known to the compiler where the definition is. */
type WithCode<C extends string> = UpgradeError & { readonly code: DefinedCode<C> };

export interface DefinedError<Args extends unknown[], C extends string = string> {
  definition: ErrorForm<Args, C>;
  /** Builds the error; the caller throws it. */
  of(...args: Args): WithCode<C>;
  /** The same with the failure that led to it. */
  because(cause: unknown, ...args: Args): UpgradeError;
}

export function defineError<Args extends unknown[], const C extends string>(
  definition: ErrorForm<Args, C>,
): DefinedError<Args, C> {
  const {
    code,
    title,
    message,
    hint,
    remedy: _,
    cause: _cause,
    actor,
    state,
    exit,
    whileWriting,
    ...meaning
  } = definition;
  const build = (args: Args, options?: ErrorOptions) =>
    new UpgradeError(
      {
        code: code as DefinedCode<C>,
        title,
        message: message(...args),
        hint: typeof hint === 'function' ? hint(...args) : hint,
        actor,
        state,
        exit,
        whileWriting,
        meaning,
        docs: docsOf(code),
      },
      options,
    );
  return {
    definition,
    of: (...args) => build(args) as WithCode<C>,
    because: (cause, ...args) => build(args, { cause }),
  };
}

/** The text of anything thrown, an Error or not. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
