import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file at once: a step that is killed while it writes leaves the text before, not half of the next. */
export function writeWhole(file: string, text: string): void {
  const next = `${file}.next`;
  writeFileSync(next, text);
  renameSync(next, file);
}
