import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotationsOf, type Commands, Log } from '../../src/action/log.ts';
import { neutralise } from '../../src/report/neutralise.ts';

const seed = 20261123;

/** What the runner obeys: a line that begins with `::` once trimmed, or `##[` anywhere (actions/runner: ActionCommand.cs). */
const isCommand = (line: string) => line.trimStart().startsWith('::') || line.includes('##[');

describe('foreign text in the log', () => {
  it.for([
    ['::error::you are hacked', ': :error::you are hacked'],
    ['fine\n  ::add-mask::a', 'fine\n  : :add-mask::a'],
    ['one\r::stop-commands::x', 'one\n: :stop-commands::x'],
    ['a ##[error]b', 'a ## [error]b'],
    ['\u001b[31mred\u001b[0m\u0007', 'red'],
    ['\u001b[0m::error::hidden by a colour', ': :error::hidden by a colour'],
    ['a::b is harmless', 'a::b is harmless'],
  ])('is written without workflow commands: %j becomes %j', ([text = '', wanted]) => {
    expect(neutralise(text)).toBe(wanted);
  });

  it(`never contains a workflow command once escaped (seed ${seed})`, () => {
    const piece = fc.constantFrom(
      '::',
      ':',
      '##[',
      '#',
      '[',
      '\r',
      '\n',
      '\u001b[1m',
      ' ',
      '\t',
      'error',
      '\u2028',
      '\u0000',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(
          neutralise(pieces.join(''))
            .split(/\r\n|\n|\r/)
            .filter(isCommand),
        ).toEqual([]);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

describe('annotations', () => {
  it('stay within their limit, and the last one says that there are more', () => {
    const { log, said } = recordedLog(5);
    for (let count = 1; count <= 7; count++) log.annotate('error', 'CODE', `number ${count}`);
    log.annotate('warning', 'CODE', 'another level');
    log.conclude('error', 'END', 'what it came to');
    expect(said.filter(([name]) => name === 'error').map(([, text]) => text)).toEqual([
      'number 1',
      'number 2',
      'number 3',
      'number 4\nFurther annotations are in the log only.',
      'what it came to',
    ]);
    expect(said.filter(([name]) => name === 'info').map(([, text]) => text)).toEqual(
      [5, 6, 7].map((count) => `CODE: number ${count}`),
    );
    expect(said.filter(([name]) => name === 'warning')).toHaveLength(1);
  });

  it('of all steps together, with the one that the runner adds for each failed step, are at most ten', () => {
    expect(annotationsOf.run + 1 + annotationsOf.finalize + 1).toBeLessThanOrEqual(10);
    expect(annotationsOf.istioctl + 1).toBeLessThanOrEqual(10);
  });

  it('end the open group, which would hide what follows', () => {
    const { log, said } = recordedLog();
    log.group('1 Verify');
    log.annotate('notice', 'done', 'x');
    log.endGroup();
    expect(said.map(([name]) => name)).toEqual(['startGroup', 'endGroup', 'notice']);
  });
});

/** Records what would be said to the runner. */
function recordedLog(most = 9): { log: Log; said: [string, string][] } {
  const said: [string, string][] = [];
  const say = (name: string) => (text: unknown) => void said.push([name, String(text)]);
  const commands: Commands = {
    info: say('info'),
    debug: say('debug'),
    error: say('error'),
    warning: say('warning'),
    notice: say('notice'),
    startGroup: say('startGroup'),
    endGroup: () => void said.push(['endGroup', '']),
    isDebug: () => false,
  };
  return { log: new Log(commands, most), said };
}
