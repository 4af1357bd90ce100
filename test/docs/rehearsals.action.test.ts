import { describe, it } from 'vitest';
import { newcomer, practiceSteps } from './newcomer.ts';
import { readWalk } from './read-walk.ts';
import { walk } from './walk.ts';

/** What docs/first-upgrade.md has left: a mesh, and the program at hand. */
const practising = readWalk(`
\`\`\`console mesh
$ npm run sim -- serve --speed 20 --folder practice
Serving the seed mesh at http://127.0.0.1:1; a second here is 20 s there. Ctrl-C ends it.
\`\`\`
\`\`\`console
$ source practice/env
$ alias istio-canary-upgrade="node $PWD/dist/main.cjs"
$ cp practice/istio-upgrade.yaml .
\`\`\`
`);

describe('the rehearsals of this page print what it shows', () => {
  it.for([
    { document: 'README.md', before: [] },
    { document: 'docs/rehearsals.md', before: [] },
    { document: 'docs/rehearse-your-cluster.md', before: practising },
  ])('$document', { timeout: 240_000 }, async ({ document, before }) => {
    const steps = practiceSteps(document).filter(({ kind }) => kind !== 'write');
    await walk([...before, ...steps], await newcomer());
  });
});
