import { readFileSync } from 'node:fs';
import type { ProcessResult } from '../../src/istioctl/process-runner.ts';

/** One call of a real istioctl as it was recorded; `name` is a file of the folder fixtures. */
export function transcript(name: string): ProcessResult {
  const text = readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');
  const [, stdout, stderr, exitCode] =
    /^\$ .*\n--- stdout\n([\s\S]*?)--- stderr\n([\s\S]*?)--- exit (\d+)/.exec(text) ?? [];
  if (stdout === undefined || stderr === undefined) throw new Error(`fixtures/${name}.txt is no transcript`);
  return { exitCode: Number(exitCode), stdout, stderr, timedOut: false };
}
