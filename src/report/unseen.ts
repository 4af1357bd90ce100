/** Characters that are invisible or reverse the order of the following text: in untrusted text they make one name look like another. */
const unseen = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;

/** Text in which such characters are shown by their codes, for example `\u{202e}`. */
export function showUnseen(text: string): string {
  return text.toWellFormed().replaceAll(unseen, codeOf);
}

/** `\u{1b}` */
export const codeOf = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
