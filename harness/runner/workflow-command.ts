/** One command in a line of the log. */
export interface WorkflowCommand {
  name: string;
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

/**
 * What the runner takes for a command: `::name props::data` at the begin of a line, or `##[name props]data` anywhere in it
 * (actions/runner: ActionCommand.cs). Words that are no command of its leave the line as it is.
 * @param resume the token that ends `stop-commands`, which is a command for that line alone
 */
export function readCommand(line: string, resume?: string): WorkflowCommand | undefined {
  const isKnown = (name: string) => known.has(name.toLowerCase()) || name === resume;
  return readNew(line, isKnown) ?? readOld(line, isKnown);
}

function readNew(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  const text = line.trimStart();
  const end = text.indexOf('::', 2);
  if (!text.startsWith('::') || end < 0) return undefined;
  const { name, rest } = headOf(text.slice(2, end));
  if (!isKnown(name)) return undefined;
  return { name, properties: propertiesOf(rest, ','), data: unescaped(text.slice(end + 2)) };
}

function readOld(line: string, isKnown: (name: string) => boolean): WorkflowCommand | undefined {
  const begin = line.indexOf('##[');
  const end = begin < 0 ? -1 : line.indexOf(']', begin);
  if (end < 0) return undefined;
  const { name, rest } = headOf(line.slice(begin + 3, end));
  if (!isKnown(name)) return undefined;
  return { name, properties: propertiesOf(rest, ';'), data: unescaped(line.slice(end + 1)) };
}

function headOf(text: string): { name: string; rest: string } {
  const space = text.indexOf(' ');
  return space < 0 ? { name: text, rest: '' } : { name: text.slice(0, space), rest: text.slice(space + 1) };
}

function propertiesOf(text: string, separator: string): Record<string, string> {
  const pairs = text.split(separator).flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=');
    return equals <= 0 ? [] : [[pair.slice(0, equals).trim(), unescaped(pair.slice(equals + 1), true)]];
  });
  return Object.fromEntries(pairs);
}

function unescaped(text: string, isProperty = false): string {
  const lines = text.replaceAll('%0D', '\r').replaceAll('%0A', '\n');
  return (isProperty ? lines.replaceAll('%3A', ':').replaceAll('%2C', ',') : lines).replaceAll('%25', '%');
}
