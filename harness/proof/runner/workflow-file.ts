import { readFileSync } from 'node:fs';
import './json-imports.ts';
import { parse } from 'yaml';
import { z } from 'zod';
import { ActionInvalid, step } from './action-file.ts';

const { parseWorkflow } = await import('@actions/workflow-parser/workflows/workflow-parser');
const { NoOperationTraceWriter } = await import('@actions/workflow-parser/templates/trace-writer');

/** Evaluated later, by what it is then. */
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((given) => given ?? '');
const values = z.record(z.string(), value).default({});
const inputs = z
  .record(z.string(), z.object({ type: z.string().optional(), default: value.optional() }).nullable())
  .nullish();

const job = z.object({
  needs: z.union([z.string().transform((name) => [name]), z.array(z.string())]).default([]),
  if: z.union([z.string(), z.boolean()]).transform(String).optional(),
  uses: z.string().optional(),
  with: values,
  secrets: values,
  environment: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).optional(),
  env: values,
  strategy: z.object({ matrix: z.record(z.string(), z.union([z.string(), z.array(z.unknown())])) }).optional(),
  outputs: z.record(z.string(), z.string()).default({}),
  steps: z.array(step).default([]),
});

const workflow = z.object({
  on: z.object({
    workflow_dispatch: z.object({ inputs }).nullish(),
    workflow_call: z
      .object({ inputs, outputs: z.record(z.string(), z.object({ value: z.string() })).nullish() })
      .nullish(),
  }),
  jobs: z.record(z.string(), job),
});

export type WorkflowFile = z.infer<typeof workflow>;
export type WorkflowJob = z.infer<typeof job>;
export type WorkflowInputs = z.infer<typeof inputs>;

/**
 * Reads a workflow, checked by GitHub's own parser first.
 * @throws ActionInvalid with each complaint
 */
export function readWorkflow(file: string): WorkflowFile {
  const content = readFileSync(file, 'utf8');
  const complaints = complaintsAboutWorkflow(file, content);
  if (complaints.length > 0) throw new ActionInvalid(complaints.join('\n'));
  return workflow.parse(parse(content));
}

/** What GitHub's parser says about a workflow, one line for each complaint. */
export function complaintsAboutWorkflow(file: string, content: string): readonly string[] {
  const { context } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => `${file}: ${message}`);
}
