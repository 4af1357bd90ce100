import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { actionFolder } from '../action/acting.ts';
import { meshOf, runExample } from './examples.ts';

/** Of yq, which GitHub's images have, as much as the workflow asks of it. */
const yq = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { parse } = require(${JSON.stringify(join(actionFolder, 'node_modules/yaml'))});
const [form, indent, expression, file] = process.argv.slice(2);
const at = /^\\.rings\\[(\\d)\\] \\/\\/ \\[\\]$/.exec(expression);
if (form !== '-o=json' || indent !== '-I=0' || at === null) throw new Error('no such yq');
console.log(JSON.stringify(parse(readFileSync(file, 'utf8')).rings[Number(at[1])] ?? []));
`;

async function fleet(rings: readonly (readonly string[])[]) {
  const acting = await meshOf('staging');
  const bin = join(acting.workspace, '../bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'yq'), yq);
  chmodSync(join(bin, 'yq'), 0o755);
  writeFileSync(join(acting.workspace, 'clusters.yaml'), JSON.stringify({ rings }));
  const env = { ...acting.env, PATH: [bin, acting.env['PATH']].join(delimiter) };
  const { jobs } = await runExample({ ...acting, env }, { workflow: 'fleet.yml', inputs: { 'dry-run': true } });
  return Object.fromEntries(jobs.map(({ name, result }) => [name, result]));
}

it('an empty ring is skipped, and a failed cluster does not stop the others of its ring', async () => {
  expect(await fleet([['staging'], [], ['nowhere', 'staging']])).toEqual({
    rings: 'success',
    'first (staging) / part': 'success',
    second: 'skipped',
    'third (nowhere) / part': 'failure',
    'third (staging) / part': 'success',
  });
});

it('a ring that fails skips the rings after it', async () => {
  expect(await fleet([['nowhere'], ['staging'], ['staging']])).toEqual({
    rings: 'success',
    'first (nowhere) / part': 'failure',
    second: 'skipped',
    third: 'skipped',
  });
});
