/** One command in a line of the log. */
export interface WorkflowCommand {
  name: string;
  /** By their names in lower case, which the runner does not tell apart from others. */
  properties: Readonly<Record<string, string>>;
  data: string;
}

const known = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

/** `%25` comes last, or `%250A` would become a line break. */
const escapes = {
  oldForm: { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']', '%25': '%' },
  data: { '%0D': '\r', '%0A': '\n', '%25': '%' },
  property: { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' },
} as const;

export const isKnownCommand = (name: string): boolean => known.has(name.toLowerCase());

/**
 * What the runner takes for a command: `::name props::data` at the begin of a line, or `##[name props]data` anywhere in it.
 * Words that are no command of its leave the line as it is.
 * @param resume the token that ends `stop-commands`, which is a command until it comes
 * @see https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Runner.Common/ActionCommand.cs
 */
export function readCommand(line: string, resume?: string): WorkflowCommand | undefined {
  const isKnown = (name: string) => isKnownCommand(name) || name.toLowerCase() === resume?.toLowerCase();
  return readNew(line, isKnown) ?? readOld(line, isKnown);
}

function readNew(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  const text = line.trimStart();
  const end = text.indexOf('::', 2);
  if (!text.startsWith('::') || end < 0) return undefined;
  const { name, rest } = headOf(text.slice(2, end));
  if (!isKnown(name)) return undefined;
  return {
    name,
    properties: propertiesOf(rest.trim(), ',', escapes.property),
    data: unescaped(text.slice(end + 2), escapes.data),
  };
}

function readOld(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  const begin = line.indexOf('##[');
  const end = begin < 0 ? -1 : line.indexOf(']', begin);
  if (end < 0) return undefined;
  const { name, rest } = headOf(line.slice(begin + 3, end));
  if (!isKnown(name)) return undefined;
  return {
    name,
    properties: propertiesOf(rest, ';', escapes.oldForm),
    data: unescaped(line.slice(end + 1), escapes.oldForm),
  };
}

function headOf(text: string): { name: string; rest: string } {
  const space = text.indexOf(' ');
  return space < 0 ? { name: text, rest: '' } : { name: text.slice(0, space), rest: text.slice(space + 1) };
}

function propertiesOf(text: string, separator: string, mapping: Readonly<Record<string, string>>) {
  const pairs = text.split(separator).flatMap((pair): [string, string][] => {
    // .NET drops empty parts of a split: `=a==b` is a and b, `a=` is nothing. A name keeps its spaces: ` title` is no title.
    const [, name, value] = /^=*([^=]+)=+([^=].*)$/s.exec(pair) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), unescaped(value, mapping)]];
  });
  return Object.fromEntries(pairs);
}

const unescaped = (text: string, mapping: Readonly<Record<string, string>>): string =>
  Object.entries(mapping).reduce((left, [code, character]) => left.replaceAll(code, character), text);
