import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAction } from '../../../harness/proof/runner/run-action.ts';
import { newFolder, running, writeAction } from './running.ts';

const options = { with: {}, env: {}, standIns: {} };

describe('an action that cannot be run', () => {
  it('is refused with file, line and column', async () => {
    const folder = newFolder();
    const text = [
      'name: n',
      'description: d',
      'runs:',
      '  using: composite',
      '  steps:',
      '    - run: echo',
      '      shell: bash',
      '      timeout-minutes: 1',
    ];
    writeFileSync(join(folder, 'action.yml'), text.join('\n'));
    const refused = runAction({ ...options, actionFolder: folder, workspace: folder });
    await expect(refused).rejects.toThrow(`${folder}/action.yml:8:7: `);
  });

  it('is refused where there is none', async () => {
    const folder = newFolder();
    const refused = runAction({ ...options, actionFolder: folder, workspace: folder });
    await expect(refused).rejects.toThrow(`${folder} has no action.yml`);
  });

  it.for([
    {
      what: 'an action that nothing stands in for',
      step: { uses: 'actions/cache@v5' },
      says: 'nothing stands in for actions/cache@v5',
    },
    { what: 'another shell', step: { run: 'echo', shell: 'sh' }, says: 'only shell: bash is known here, not sh' },
    { what: 'a local action that is not there', step: { uses: './none' }, says: 'has no action.yml' },
    { what: 'itself', step: { uses: './' }, says: 'more than 9 deep' },
  ])('is refused before its first step, for $what', async ({ step, says }) => {
    const folder = newFolder();
    writeAction(folder, { steps: [{ run: 'touch began' }, step] });
    await expect(runAction({ ...options, actionFolder: folder, workspace: folder })).rejects.toThrow(says);
    expect(existsSync(join(folder, 'began'))).toBe(false);
  });

  it('is refused when it is of another kind', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'action.yml'), 'name: n\ndescription: d\nruns: { using: node24, main: main.js }\n');
    const refused = runAction({ ...options, actionFolder: folder, workspace: folder });
    await expect(refused).rejects.toThrow('only composite actions can be run here, not node24');
  });

  it('may call the action of a folder of its own repository, which may call another', async () => {
    const folder = newFolder();
    writeAction(join(folder, 'one'), { steps: [{ uses: '$/two' }] });
    writeAction(join(folder, 'two'), { steps: [{ run: 'echo deep' }] });
    writeAction(folder, { steps: [{ uses: '$/one' }] });
    const ran = await running([], { actionFolder: folder });
    expect(ran.log).toBe('deep');
  });
});
