#!/usr/bin/env node
import { keepHeapLean } from './lean-heap.ts';

keepHeapLean();

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// Each entry point loads only what it needs, and nothing before the version of Node is checked: on an older Node libraries fail
// with errors that do not name the reason. No top-level await: the bundle in dist/ is CommonJS.
const entryPoint =
  major < 22 || (major === 22 && minor < 19)
    ? refuse()
    : process.argv[2] === 'action'
      ? import('./action/main.ts').then(({ runAction }) => runAction(process))
      : import('./cli/program.ts').then(({ runCli }) => runCli(process));

void entryPoint.then((code) => {
  process.exitCode = code;
});

async function refuse(): Promise<number> {
  process.stderr.write(
    `istio-canary-upgrade needs Node 22.19 or newer; this is ${process.version}. Nothing was changed.\n`,
  );
  return 2;
}
