import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

export interface StatusFunctions {
  success: boolean;
  failure: boolean;
  cancelled: boolean;
}

/** One `${{ }}`; what stands in quotes may hold braces. */
const inBraces = String.raw`\$\{\{((?:'[^']*'|(?!\}\})[^'])*)\}\}`;
const everyExpression = new RegExp(inBraces, 'g');
const oneExpression = new RegExp(`^${inBraces}$`);

/** Evaluates `${{ }}` with GitHub's own lexer, parser and evaluator. All its methods throw what these throw. */
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
    return template.replaceAll(everyExpression, (_, expression: string) => this.#evaluate(expression).coerceString());
  }

  texts(templates: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(templates).map(([name, value]) => [name, this.text(value)]));
  }

  /** What a template of one expression is, of whatever kind; any other is a text. */
  value(template: string): unknown {
    const [, expression] = oneExpression.exec(template.trim()) ?? [];
    if (expression === undefined) return this.text(template);
    return JSON.parse(this.#evaluate(`toJSON(${expression})`).coerceString());
  }

  /** `true`, `false` or one expression whose value is one of them, not a text that looks like it. */
  boolean(template: string): boolean {
    const [, expression = template] = oneExpression.exec(template.trim()) ?? [];
    const value = this.#evaluate(expression);
    if (value.kind !== data.Kind.Boolean) throw new Error(`Unexpected value '${value.coerceString()}'`);
    return value.value;
  }

  /** An `if`: with or without `${{ }}`, and `success()` where no status function stands. */
  condition(template: string | undefined): boolean {
    const text = (template ?? '').trim();
    if (text === '') return this.condition('success()');
    const asksStatus = /\b(success|failure|always|cancelled)\s*\(/i.test(text.replaceAll(/'[^']*'/g, ''));
    if (!asksStatus && !isTruthy(this.#evaluate('success()'))) return false;
    const [, expression] = oneExpression.exec(text) ?? [];
    // Braces around a part of it make it a text, and any text is true: `${{ a }} && b`.
    if (expression === undefined && text.includes('${{')) return this.text(text) !== '';
    return isTruthy(this.#evaluate(expression ?? text));
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
