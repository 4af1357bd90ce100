import type { z } from 'zod';
import { examplesOf, inputsSchema } from '../../src/action/inputs.ts';
import { outputs } from '../../src/action/outputs.ts';

/** What action.yml and docs/action.md say of inputs and outputs, from the one place that declares them. */

const inputs = Object.entries(inputsSchema.shape).map(([name, field]: [string, z.ZodType]) => ({
  name,
  description: field.description ?? '',
  example: examplesOf(field)[0] ?? '',
  required: !field.safeParse(undefined).success,
}));

/**
 * The last step that said what the run came to speaks for all outputs, also where it has nothing to say; the report is the
 * last that was written. When no step said anything, there was no Node, or the step was killed.
 */
function expressionOf(output: string): string {
  const said = (step: string) => `steps.${step}.outputs.${output}`;
  const earlier = `${said('run')} || ${said('istioctl')}`;
  const silence = `(steps.node.outcome == 'failure' && 'usage' || 'interrupted')`;
  if (output === 'outcome') return `\${{ ${said('finalize')} || ${earlier} || ${silence} }}`;
  if (output === 'report') return `\${{ ${said('finalize')} || ${earlier} }}`;
  const spoken = 'steps.finalize.outputs.outcome';
  return `\${{ ${spoken} && ${said('finalize')} || !${spoken} && (${earlier}) || '' }}`;
}

function actionYmlSection(): string {
  return [
    'inputs:',
    ...inputs.flatMap(({ name, description, example, required }) => [
      `  ${name}:`,
      `    description: ${JSON.stringify(`${description} Example: ${example}`)}`,
      `    required: ${required}`,
    ]),
    'outputs:',
    ...Object.entries(outputs).flatMap(([name, description]) => [
      `  ${name}:`,
      `    description: ${JSON.stringify(description)}`,
      `    value: ${expressionOf(name)}`,
    ]),
  ].join('\n');
}

/** Descriptions say for which commands an input is in their first words, and their default in their last sentences. */
function columnsOf(description: string): { commands: string; text: string; byDefault: string } {
  const [, commands = 'all', rest = ''] = /^(?:For ([^:]+): )?([\s\S]*)$/.exec(description) ?? [];
  const [, text = '', byDefault = 'none'] = /^([\s\S]*?)(?: Default: ([\s\S]*)| Has no default\.)?$/.exec(rest) ?? [];
  return { commands, text: text.charAt(0).toUpperCase() + text.slice(1), byDefault: byDefault.replace(/\.$/, '') };
}

function documentSection(): string {
  return [
    '| input | what it is | default | for which command |',
    '|---|---|---|---|',
    ...inputs.map(({ name, description, example, required }) => {
      const { commands, text, byDefault } = columnsOf(description);
      return `| \`${name}\`${required ? ' (required)' : ''} | ${text} Example: \`${example}\` | ${byDefault} | ${commands} |`;
    }),
    '',
    '| output | what it is |',
    '|---|---|',
    ...Object.entries(outputs).map(([name, description]) => `| \`${name}\` | ${description} |`),
  ].join('\n');
}

const markers = { 'action.yml': ['# ', ''], 'docs/action.md': ['<!-- ', ' -->'] } as const;

/**
 * The text of a file with its section as it should be.
 * @throws Error when the file has no such section
 */
export function withSection(file: keyof typeof markers, text: string): string {
  const [open, close] = markers[file];
  const begin = `${open}begin: inputs and outputs${close}\n`;
  const end = `${open}end: inputs and outputs${close}\n`;
  const [before, rest] = split(text, begin, file);
  const [, after] = split(rest, end, file);
  return `${before}${begin}${file === 'action.yml' ? actionYmlSection() : documentSection()}\n${end}${after}`;
}

function split(text: string, marker: string, file: string): [string, string] {
  const at = text.indexOf(marker);
  if (at < 0) throw new Error(`${file} has no line "${marker.trim()}"`);
  return [text.slice(0, at), text.slice(at + marker.length)];
}
