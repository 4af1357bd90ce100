import { UpgradeError } from '../errors/upgrade-error.ts';
import { describeFailure } from '../verbs/describe-failure.ts';

/** Everything that can be thrown, as what a person reads or a machine parses, with its exit code. */
export function renderFailure(thrown: unknown, json: boolean): { text: string; code: number } {
  const { exitCode, code, title, message, hint, state, actor, trace, error } = describeFailure(thrown);
  if (json) {
    const document = { error: error instanceof UpgradeError ? error : { code, message }, exitCode };
    return { text: `${JSON.stringify(document, null, 2)}\n`, code: exitCode };
  }
  if (trace !== undefined)
    return { text: `✘ INTERNAL: this is a fault of the tool; please report it.\n${trace}\n`, code: exitCode };
  const lines = [
    `✘ ${code}: ${title}`,
    `  ${message.replaceAll('\n', '\n  ')}`,
    `  do: ${hint}`,
    `  state: ${state}`,
    `  to act: ${actor}`,
  ];
  return { text: `${lines.join('\n')}\n`, code: exitCode };
}
