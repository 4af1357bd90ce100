/**
 * A document that is the same once parsed, and does nothing where it is merely shown: JSON leaves the controls above U+007F,
 * what is unseen, and `##[`, which the runner obeys anywhere in a line.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2)
    .replaceAll(/[\u007f-\u009f\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, escapeUnits)
    .replaceAll('##[', '#\\u0023[');
  return `${text}\n`;
}

/** Each UTF-16 unit by itself: JSON knows no other. */
const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
