import { describe, expect, it } from 'vitest';
import { splitWords } from '../../src/config/split-words.ts';

describe('a command line', () => {
  it.for<[string, string[]]>([
    ['helmfile  -l rev={revision}\napply', ['helmfile', '-l', 'rev={revision}', 'apply']],
    [`make install 'REV={revision} x' A="b c"`, ['make', 'install', 'REV={revision} x', 'A=b c']],
    [`helm upgrade --set 'a=it"s' --description ""`, ['helm', 'upgrade', '--set', 'a=it"s', '--description', '']],
    // Neither variables nor escapes nor patterns.
    ['run $HOME *.yaml a\\ b', ['run', '$HOME', '*.yaml', 'a\\', 'b']],
    ['helm upgrade --set revisionTags={default}', ['helm', 'upgrade', '--set', 'revisionTags={default}']],
  ])('%j is split at spaces, and what is in quotes is one word', ([line, words]) => {
    expect(splitWords(line)).toEqual({ words });
  });

  it.for([
    ['make "install', 'has a quote " without its end'],
    ['make install && make check', 'contains "&&", and no shell reads it'],
    ['make install > log', 'contains ">", and no shell reads it'],
    ['  ', 'has no word'],
  ])('%j is refused', ([line = '', message]) => {
    expect(splitWords(line)).toMatchObject({ message });
  });
});
