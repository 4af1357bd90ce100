import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

export interface StatusFunctions {
  success: boolean;
  failure: boolean;
  cancelled: boolean;
}

/** Evaluates `${{ }}` with GitHub's own lexer, parser and evaluator. */
export class Expressions {
  readonly #contexts: data.Dictionary;
  readonly #names: string[];
  readonly #functions;

  constructor(contexts: Readonly<Record<string, unknown>>, status: StatusFunctions) {
    this.#names = Object.keys(contexts);
    this.#contexts = toData(contexts) as data.Dictionary;
    const constant = (name: string, value: boolean) =>
      [name, { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) }] as const;
    this.#functions = new Map([
      constant('success', status.success),
      constant('failure', status.failure),
      constant('cancelled', status.cancelled),
      constant('always', true),
    ]);
  }

  /** A text with expressions in it, as text. */
  text(template: string): string {
    return template.replaceAll(/\$\{\{((?:[^']|'[^']*')*?)\}\}/g, (_, expression: string) =>
      this.#evaluate(expression).coerceString(),
    );
  }

  /** An `if`: with or without `${{ }}`, and `success()` where no status function stands. */
  condition(text: string | undefined): boolean {
    const bare = (text ?? '')
      .trim()
      .replace(/^\$\{\{([\s\S]*)\}\}$/, '$1')
      .trim();
    const asksStatus = /\b(success|failure|always|cancelled)\s*\(/i.test(bare.replaceAll(/'[^']*'/g, ''));
    const expression = bare === '' ? 'success()' : asksStatus ? bare : `success() && (${bare})`;
    return isTruthy(this.#evaluate(expression));
  }

  #evaluate(expression: string): data.ExpressionData {
    const functions = [...this.#functions.values()];
    const parsed = new Parser(new Lexer(expression).lex().tokens, this.#names, functions).parse();
    return new Evaluator(parsed, this.#contexts, this.#functions).evaluate();
  }
}

const toData = (value: unknown): data.ExpressionData =>
  JSON.parse(JSON.stringify(value), data.reviver) as data.ExpressionData;

function isTruthy(value: data.ExpressionData): boolean {
  if (!value.primitive) return true;
  if (value.kind === data.Kind.String) return value.coerceString() !== '';
  const number = value.number();
  return number !== 0 && !Number.isNaN(number);
}
