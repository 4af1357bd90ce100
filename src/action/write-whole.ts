import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file atomically: a step that is killed while it writes leaves the old text, not half of the new one. */
export function writeWhole(file: string, text: string): void {
  const next = `${file}.next`;
  writeFileSync(next, text);
  renameSync(next, file);
}
