/** The sailing ship that istioctl draws over every installation. */
const Ship = /^ {8}\|\\ *\n(?:.*\n){12}.*\\_+\/ *\n/m;

/** What istioctl says, without what is different every time: when, which build, and how long it waited in between. */
export function wordsOf(text: string): string {
  return (
    text
      .replace(Ship, '<ship>\n')
      // Only who waits long enough is told.
      .replace(/^- Processing resources for .*\. Waiting for .*\n/gm, '')
      .replace(/^\S+Z\t(?:error|warn|info)\t.*\n/gm, '')
      // A pod goes while it is taken away, or before.
      .replace(/^(?: {2}Removed|object:) \/v1, Kind=Pod\/.*\n/gm, '')
      // Its place among all that would be installed.
      .replace(/installed-webhook-\d+/g, 'installed-webhook-<n>')
      // Neither kubelet is a real one.
      .replace(/ErrImagePull: [^)\n]*/g, 'ErrImagePull: <why>')
      .replace(/(\\?"nonce\\?": ?\\?")[^"\\]*/g, '$1<nonce>')
      .replace(/(\\?"revision\\?": ?\\?")[0-9a-f]{12}\b/g, '$1<commit>')
      .replace(/\bgo1\.\d+(\.\d+)?\b/g, '<go>')
      .replace(/(\d{4}-\d\d-\d\dT[\d:.]+Z)\/\d+/g, '$1/<n>')
      .replace(/ \(\d+m?s\)/g, ' (<age>)')
      .replace(/goroutine 1 \[running\]:[\s\S]*/, 'goroutine 1 [running]: <stack>')
      .replace(/(caBundle: )\S{40,}/g, '$1<certificate>')
      .replace(/\b10\.\d+\.\d+\.\d+\b/g, '<address>')
      // Columns are as wide as the longest name in them.
      .replace(/(?<=\S) {2,}(?=\S)/g, '  ')
  );
}

/** One entry a line; the end of the last line is part of what was said. */
export const linesOf = (text: string): string[] => (text === '' ? [] : wordsOf(text).split('\n'));
