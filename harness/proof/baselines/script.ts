import type { Claim, Contender } from '../faults/contender.ts';
import type { Task } from '../faults/task.ts';
import { CommandFailed } from './command-failed.ts';
import { Shell } from './shell.ts';

export interface ScriptContext {
  shell: Shell;
  task: Task;
  /** What the script thinks of a wave; most never ask themselves. */
  judge: (wave: string, verdict: 'pass' | 'fail') => void;
}

/** @returns with which branch it ended. @throws CommandFailed where `set -e` ends it */
export type Script = (context: ScriptContext) => Promise<'completed' | 'rolled-back'>;

/** A script as a contender: it knows nothing of earlier attempts and begins at its first line each time. */
export function scriptContender(name: string, script: Script): Contender {
  return {
    name,
    start: async (sim, { task, door, tell, clock = sim.clock }) => {
      const words = (text: string) => tell({ kind: 'words', text });
      const shell = new Shell({ door, clock, version: task.to.version, tell: words });
      const interrupted = Promise.withResolvers<Claim>();
      const judge: ScriptContext['judge'] = (wave, verdict) => tell({ kind: 'verdict', wave, verdict });
      return {
        done: Promise.race([run(script, { shell, task, judge }), interrupted.promise]),
        kill: () => shell.die(),
        interrupt: () => {
          shell.die();
          interrupted.resolve({ end: 'unfinished', words: 'exit code 130' });
        },
      };
    },
  };
}

async function run(script: Script, context: ScriptContext): Promise<Claim> {
  try {
    const end = await script(context);
    return { end, words: end === 'completed' ? 'exit code 0' : 'rolled back, exit code 1' };
  } catch (failure) {
    if (!(failure instanceof CommandFailed)) throw failure;
    context.shell.echo(failure.message);
    return { end: 'unfinished', words: `exit code ${failure.exitCode}` };
  }
}
