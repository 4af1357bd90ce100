#!/usr/bin/env node
import { runCli } from './cli/program.ts';

// No top-level await: the bundle in dist/ is CommonJS.
void runCli(process).then((code) => {
  process.exitCode = code;
});
