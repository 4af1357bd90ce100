/**
 * JSON that parses to the same document and has no effect where it is printed. `JSON.stringify` does not escape the controls above
 * U+007F, invisible characters, and `##[`, which the runner obeys anywhere in a line.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2)
    .replaceAll(/[\u007f-\u009f\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, escapeUnits)
    .replaceAll('##[', '#\\u0023[');
  return `${text}\n`;
}

/** Each UTF-16 unit by itself, as JSON escapes them. */
const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
