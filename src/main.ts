#!/usr/bin/env node

// Each door loads only what it needs. No top-level await: the bundle in dist/ is CommonJS.
const door =
  process.argv[2] === 'action'
    ? import('./action/main.ts').then(({ runAction }) => runAction(process))
    : import('./cli/program.ts').then(({ runCli }) => runCli(process));

void door.then((code) => {
  process.exitCode = code;
});
