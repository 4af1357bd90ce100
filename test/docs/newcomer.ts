import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freshClone } from './fresh-clone.ts';
import { readWalk, type Step } from './read-walk.ts';
import type { Surroundings } from './walk.ts';

const root = join(import.meta.dirname, '../..');

/** The terminal of blocks for a reader's own cluster. The simulator does not accept what kubectl sends. */
export const clusterTerminal = 'cluster';

/** The steps of a document, those on a cluster of one's own left out. */
export const practiceSteps = (document: string): readonly Step[] =>
  stepsOf(document).filter((step) => step.kind === 'write' || step.terminal !== clusterTerminal);

export const stepsOf = (document: string): readonly Step[] => readWalk(readFileSync(join(root, document), 'utf8'));

/** The clone is there, and its packages with it: `npm cit` is the first thing that our own CI does. */
export const hasCloned = {
  'git clone https://github.com/OWNER/istio-canary-upgrade && cd istio-canary-upgrade': '',
  'npm ci': '',
};

/** A user who has cloned the project and has nothing else, until the test is over. */
export async function newcomer(): Promise<Surroundings> {
  const home = mkdtempSync(join(tmpdir(), 'newcomer-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, 'istio-canary-upgrade');
  await freshClone(folder);
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return { folder, env: { PATH: path, HOME: home, LANG: 'C.UTF-8' }, instead: hasCloned };
}
