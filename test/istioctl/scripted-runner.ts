import type { ProcessResult, ProcessRunner } from '../../src/istioctl/process-runner.ts';

/** Answers the calls that the test scripted, each once and by its whole command line, and refuses every other. */
export function scriptedRunner(script: Readonly<Record<string, ProcessResult>>) {
  const left = new Map(Object.entries(script));
  const deadlines: number[] = [];
  const inputs: (string | undefined)[] = [];
  const runner: ProcessRunner = {
    run: async (args, { timeoutMs, stdin }) => {
      const command = args.join(' ');
      const answer = left.get(command);
      if (answer === undefined) throw new Error(`not scripted: ${command}`);
      left.delete(command);
      deadlines.push(timeoutMs);
      inputs.push(stdin);
      return answer;
    },
  };
  return { runner, deadlines, inputs, left };
}
