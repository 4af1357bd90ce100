import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { badRequest } from './status-failure.ts';

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const Key = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const EndOfText = '';

/**
 * `labelSelector=` of a request: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
 * @throws StatusFailure BadRequest, which says what was expected as the real parser does
 */
export function parseLabelSelector(text: string): (object: KubernetesObject) => boolean {
  const tokens = new Tokens(text);
  const requirements: Requirement[] = [];
  while (!tokens.areAllTaken) {
    requirements.push(parseRequirement(tokens));
    if (tokens.areAllTaken) break;
    if (tokens.next !== ',') throw badRequest(`found '${tokens.next}', expected: ',' or 'end of string'`);
    tokens.take();
    if (tokens.areAllTaken) throw badRequest("found '', expected: identifier after ','");
  }
  return ({ metadata }) => requirements.every((holds) => holds(metadata.labels ?? {}));
}

/** Operators, separators and words between them. */
class Tokens {
  readonly #tokens: string[];

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  }

  get areAllTaken(): boolean {
    return this.#tokens.length === 0;
  }

  get next(): string {
    return this.#tokens[0] ?? EndOfText;
  }

  take(): string {
    return this.#tokens.shift() ?? EndOfText;
  }
}

const isWord = (token: string) => token !== EndOfText && !/^[=!<>(),]/.test(token);

function parseRequirement(tokens: Tokens): Requirement {
  if (tokens.next === '!') {
    tokens.take();
    const absent = keyOf(tokens);
    return (labels) => labels[absent] === undefined;
  }
  const key = keyOf(tokens);
  if (tokens.next === EndOfText || tokens.next === ',') return (labels) => labels[key] !== undefined;
  const operator = tokens.take();
  switch (operator) {
    case '=':
    case '==': {
      const value = wordOf(tokens);
      return (labels) => labels[key] === value;
    }
    case '!=': {
      const value = wordOf(tokens);
      return (labels) => labels[key] !== value;
    }
    case 'in': {
      const values = valuesOf(tokens);
      return (labels) => labels[key] !== undefined && values.has(labels[key]);
    }
    case 'notin': {
      const values = valuesOf(tokens);
      return (labels) => labels[key] === undefined || !values.has(labels[key]);
    }
    case '>':
    case '<': {
      const limit = Number(wordOf(tokens));
      const isBeyond = (value: number) => (operator === '>' ? value > limit : value < limit);
      return (labels) => /^-?\d+$/.test(labels[key] ?? '') && isBeyond(Number(labels[key]));
    }
    default:
      throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

function keyOf(tokens: Tokens): string {
  const key = tokens.take();
  if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
  const name = key.slice(key.lastIndexOf('/') + 1);
  if (Key.test(name)) return key;
  throw unparsable(
    `<nil>: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  );
}

/** An empty value is one. */
function wordOf(tokens: Tokens): string {
  if (tokens.next === EndOfText || tokens.next === ',') return '';
  const value = tokens.take();
  if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`);
  return value;
}

function valuesOf(tokens: Tokens): ReadonlySet<string> {
  const open = tokens.take();
  if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
  const values = new Set<string>();
  while (tokens.next !== ')') {
    if (isWord(tokens.next)) values.add(tokens.take());
    else if (tokens.next === ',') tokens.take();
    else throw unparsable(`found '${tokens.next}', expected: ',' or ')'`);
  }
  tokens.take();
  return values;
}

const unparsable = (why: string) => badRequest(`unable to parse requirement: ${why}`);
