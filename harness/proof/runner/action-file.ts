import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import './json-imports.ts';
import { parse } from 'yaml';
import { z } from 'zod';

const { parseAction } = await import('@actions/workflow-parser/actions/action-parser');
const { NoOperationTraceWriter } = await import('@actions/workflow-parser/templates/trace-writer');

/** Everything in an action is text until it is evaluated. */
const text = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((value) => String(value ?? ''));
const texts = z.record(z.string(), text).default({});

export const step = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  if: text.optional(),
  env: texts,
  'continue-on-error': text.optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  'working-directory': z.string().optional(),
  uses: z.string().optional(),
  with: texts,
});

const action = z.object({
  name: z.string(),
  inputs: z
    .record(z.string(), z.object({ default: text.optional(), required: z.boolean().optional() }).nullable())
    .default({}),
  outputs: z.record(z.string(), z.object({ value: text.default('') })).default({}),
  runs: z.object({ using: z.string(), steps: z.array(step).default([]) }),
});

export type ActionFile = z.infer<typeof action>;
export type ActionStep = z.infer<typeof step>;

/** An action that GitHub would refuse. */
export class ActionInvalid extends Error {
  override readonly name = 'ActionInvalid';
}

/**
 * Reads `action.yml` (or `.yaml`) of a folder, checked by GitHub's own parser first.
 * @throws ActionInvalid with `file:line:column` for each complaint
 */
export function readAction(folder: string): ActionFile {
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined) throw new ActionInvalid(`${folder} has no action.yml`);
  const content = readFileSync(file, 'utf8');
  const complaints = complaintsAbout(file, content);
  if (complaints.length > 0) throw new ActionInvalid(complaints.join('\n'));
  return action.parse(parse(content));
}

/** What GitHub's parser says about an action, one line for each complaint. */
export function complaintsAbout(file: string, content: string): readonly string[] {
  const { context } = parseAction({ name: file, content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ rawMessage, range }) => {
    const place = range === undefined ? '' : `:${range.start.line}:${range.start.column}`;
    return `${file}${place}: ${rawMessage}`;
  });
}
