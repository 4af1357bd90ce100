/** A command line as words, or why it is none. */
export type Words = { words: readonly string[] } | { message: string; instead: string };

/** What a shell would act on, and a program that is started without one gets as an argument. */
const shellWords = new Set(['|', '||', '&', '&&', ';', '>', '>>', '<', '2>&1']);

/**
 * Words are separated by spaces and line breaks. Text between two equal quotes, ' or ", belongs to one word, without the quotes and as it
 * is written: there are no escapes, no variables and no patterns.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const char of text) {
    if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${char}`;
  }
  if (quote !== undefined)
    return { message: `has a quote ${quote} without its end`, instead: 'write it as a list of words' };
  if (word !== undefined) words.push(word);
  const shell = words.find((each) => shellWords.has(each));
  if (shell !== undefined)
    return {
      message: `contains "${shell}", and no shell reads it`,
      instead: 'put the commands into a script, and name the script here',
    };
  return words.length === 0 ? { message: 'has no word', instead: 'write the program and its arguments' } : { words };
}
