// biome-ignore-all lint/suspicious/noTemplateCurlyInString: GitHub's expressions
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, writeAction } from './running.ts';

const main = join(import.meta.dirname, '../../../harness/proof/runner/main.ts');

/** Runs the command line in a folder; `onOutput` may send signals. */
async function run(folder: string, args: readonly string[], onOutput?: (output: string, pid: number) => void) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, PASSED: 'p', KEPT_BACK: 'k' },
  });
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    onOutput?.(output, child.pid ?? 0);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, output };
}

describe('npm run action', () => {
  it('shows the log, then outputs and conclusion, and writes the summary', async () => {
    const folder = writeAction(newFolder(), {
      inputs: { who: { description: 'w' } },
      steps: [
        {
          id: 'a',
          name: 'Greet',
          run: 'echo "hello ${{ inputs.who }} $A $PASSED $KEPT_BACK"; echo "x=1" >> "$GITHUB_OUTPUT"',
        },
        { run: 'echo "# told" >> "$GITHUB_STEP_SUMMARY"; node -p "process.versions.node.split(\'.\')[0]"' },
      ],
      outputs: { 'an-output': '${{ steps.a.outputs.x }}' },
    });
    const { exitCode, output } = await run(folder, [
      '--with',
      'who=me=you',
      '--env',
      'A=a',
      '--pass',
      'PASSED',
      '--summary',
      'told.md',
    ]);
    expect(exitCode, output).toBe(0);
    expect(output).toContain('== Greet\nhello me=you a p \n');
    expect(output).toContain(`\n${process.versions.node.split('.')[0]}\n`);
    expect(output).toMatch(/Outputs:\n {2}an-output {2}1\nConclusion: success\n$/);
    expect(readFileSync(join(folder, 'told.md'), 'utf8')).toBe('# told\n');
  });

  it.for([
    { what: 'an action that fails', steps: [{ run: 'exit 5' }], says: 'Conclusion: failure' },
    { what: 'one that nothing stands in for', steps: [{ uses: 'actions/cache@v5' }], says: 'nothing stands in for' },
  ])('ends with 1 for $what', async ({ steps, says }) => {
    const { exitCode, output } = await run(writeAction(newFolder(), { steps }), []);
    expect(output).toContain(says);
    expect(exitCode).toBe(1);
  });

  it('cancels the job at SIGINT', async () => {
    const folder = writeAction(newFolder(), {
      steps: [{ run: 'echo waiting; exec sleep 60' }, { if: 'always()', run: 'echo cleaned' }],
    });
    let isSent = false;
    const { exitCode, output } = await run(folder, [], (text, pid) => {
      if (isSent || !text.includes('waiting')) return;
      isSent = true;
      process.kill(pid, 'SIGINT');
    });
    expect(output).toContain('Error: The operation was canceled.');
    expect(output).toContain('cleaned');
    expect(output).toMatch(/Conclusion: cancelled\n$/);
    expect(exitCode).toBe(1);
  });

  it('ends at once at a second one, and leaves nothing running', async () => {
    const folder = writeAction(newFolder(), {
      steps: [{ run: `trap '' INT; echo waiting $$; ${'sleep 0.2;'.repeat(50)} touch survived` }],
    });
    let sent = 0;
    const { exitCode, output } = await run(folder, [], (text, pid) => {
      if (sent > 0 || !text.includes('waiting')) return;
      sent = 1;
      process.kill(pid, 'SIGINT');
      setTimeout(() => process.kill(pid, 'SIGINT'), 1_000);
    });
    expect(exitCode).toBe(130);
    const shell = Number(/waiting (\d+)/.exec(output)?.[1]);
    await expect.poll(() => existsSync(`/proc/${shell}/exe`)).toBe(false);
  });
});
