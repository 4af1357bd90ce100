import './json-imports.ts';

const { parseWorkflow } = await import('@actions/workflow-parser/workflows/workflow-parser');
const { NoOperationTraceWriter } = await import('@actions/workflow-parser/templates/trace-writer');

/** What GitHub's parser says about a workflow, one line for each complaint. */
export function complaintsAboutWorkflow(file: string, content: string): readonly string[] {
  const { context } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => `${file}: ${message}`);
}
