/** Who must act on an error. Exit code and outputs follow from it. */
export type Actor = 'workflow author' | 'mesh operator' | 'service owner' | 'platform' | 'maintainer';

/** One entry of the error catalogue. Codes are permanent: users search for them. */
export interface ErrorDefinition<Args extends unknown[]> {
  code: string;
  title: string;
  message: (...args: Args) => string;
  hint: string | ((...args: Args) => string);
  actor: Actor;
  /** How the mesh was left when this is raised. */
  state: string;
}

/** A failure that is part of the product: what happened, what to do, who must act, how the mesh was left. */
export class UpgradeError extends Error {
  override readonly name = 'UpgradeError';
  readonly code: string;
  readonly title: string;
  readonly hint: string;
  readonly actor: Actor;
  readonly state: string;

  constructor(
    facts: { code: string; title: string; message: string; hint: string; actor: Actor; state: string },
    options?: ErrorOptions,
  ) {
    super(facts.message, options);
    this.code = facts.code;
    this.title = facts.title;
    this.hint = facts.hint;
    this.actor = facts.actor;
    this.state = facts.state;
  }

  toJSON(): Record<string, unknown> {
    const { code, title, message, hint, actor, state } = this;
    return { code, title, message, hint, actor, state };
  }
}

export interface DefinedError<Args extends unknown[]> {
  definition: ErrorDefinition<Args>;
  /** Builds the error; the caller throws it. */
  of(...args: Args): UpgradeError;
  /** The same with the failure that led to it. */
  because(cause: unknown, ...args: Args): UpgradeError;
}

export function defineError<Args extends unknown[]>(definition: ErrorDefinition<Args>): DefinedError<Args> {
  const build = (args: Args, options?: ErrorOptions) =>
    new UpgradeError(
      {
        code: definition.code,
        title: definition.title,
        message: definition.message(...args),
        hint: typeof definition.hint === 'function' ? definition.hint(...args) : definition.hint,
        actor: definition.actor,
        state: definition.state,
      },
      options,
    );
  return {
    definition,
    of: (...args) => build(args),
    because: (cause, ...args) => build(args, { cause }),
  };
}

/** The text of anything thrown, an Error or not. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
