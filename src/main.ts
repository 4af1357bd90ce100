#!/usr/bin/env node
import { keepHeapLean } from './lean-heap.ts';

keepHeapLean();

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// Each door loads only what it needs, and nothing before the version is known to be fit: libraries fail on an older Node in
// ways that nobody understands. No top-level await: the bundle in dist/ is CommonJS.
const door =
  major < 22 || (major === 22 && minor < 19)
    ? refuse()
    : process.argv[2] === 'action'
      ? import('./action/main.ts').then(({ runAction }) => runAction(process))
      : import('./cli/program.ts').then(({ runCli }) => runCli(process));

void door.then((code) => {
  process.exitCode = code;
});

async function refuse(): Promise<number> {
  process.stderr.write(
    `istio-canary-upgrade needs Node 22.19 or newer; this is ${process.version}. Nothing was touched.\n`,
  );
  return 2;
}
