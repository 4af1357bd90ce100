import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { StepSummary } from '../../src/action/step-summary.ts';
import { writeWhole } from '../../src/action/write-whole.ts';

function emptyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'summary-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'summary.md');
  writeFileSync(file, '');
  return file;
}

it('a new step summary replaces the previous one', () => {
  const file = emptyFile();
  const summary = new StepSummary(file);
  summary.show({ command: 'upgrade', findings: [], lines: [] });
  summary.show({
    command: 'upgrade',
    findings: [],
    lines: [],
    ended: { kind: 'completed', message: 'done', next: '' },
  });
  expect(readFileSync(file, 'utf8')).toMatch(/^## ✔ upgrade: completed\n\ndone\n/);
  expect(readFileSync(file, 'utf8')).not.toContain('under way');
});

it('a file that is written as a whole has only the new text, and no other file remains', () => {
  const file = emptyFile();
  writeWhole(file, 'before');
  const held = readFileSync(file, 'utf8');
  writeWhole(file, 'after');
  expect([held, readFileSync(file, 'utf8')]).toEqual(['before', 'after']);
  expect(readdirSync(join(file, '..'))).toEqual(['summary.md']);
});
