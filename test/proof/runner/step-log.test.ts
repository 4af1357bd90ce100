import { describe, expect, it } from 'vitest';
import { AnnotationCount } from '../../../harness/proof/runner/annotations.ts';
import { Masks } from '../../../harness/proof/runner/masks.ts';
import { StepLog } from '../../../harness/proof/runner/step-log.ts';

function logOf(lines: readonly string[], debug = false): StepLog {
  const count = new AnnotationCount();
  const log = new StepLog({ masks: new Masks(), count, workspace: '/work', debug, tell: () => undefined });
  for (const line of lines) log.take(line);
  return log;
}

describe('the log of a step', () => {
  it.for([
    { what: 'plain lines', lines: ['a', '', ' b'], shown: ['a', '', ' b'] },
    { what: 'groups', lines: ['::group::one', 'x', '::endgroup::', '##[group]two'], shown: ['▾ one', 'x', '▾ two'] },
    { what: 'no debug lines', lines: ['::debug::x'], shown: [] },
    { what: 'no masks that are added', lines: ['::add-mask::hunter2', 'is hunter2'], shown: ['is ***'] },
    {
      what: 'commands that are echoed',
      lines: ['::echo::on', '::group::x', '::echo::OFF', '::group::y'],
      shown: ['::group::x', '▾ x', '::echo::OFF', '▾ y'],
    },
    {
      what: 'commands as text while they are stopped',
      lines: ['::stop-commands::abc', '::error::x', '::stop-commands::d', '::ABC::', '::notice::y'],
      shown: ['::stop-commands::abc', '::error::x', '::stop-commands::d', '::ABC::', 'Notice: y'],
    },
    {
      what: 'no long token of stopped commands',
      lines: ['::stop-commands::0123456789', '::0123456789::'],
      shown: ['::stop-commands::***', '::***::'],
    },
    { what: 'no forged marks of steps', lines: ['##[start-action id=x]'], shown: ['##[\\start-action id=x]'] },
  ])('shows $what', ({ lines, shown }) => {
    const log = logOf(lines);
    expect(log.lines).toEqual(shown);
    expect(log.complaints).toEqual([]);
  });

  it('shows debug lines, and commands as they come, where the job is debugged', () => {
    expect(logOf(['::debug::x', '::add-mask::hunter2'], true).lines).toEqual(['##[debug]x', '::add-mask::***']);
  });

  it.for([
    { line: '::set-env name=a::b', complaint: 'The `set-env` command is disabled.' },
    { line: '::add-path::/x', complaint: 'The `add-path` command is disabled.' },
    { line: '::echo::maybe', complaint: "Invalid echo command value. Possible values can be: 'on', 'off'." },
    { line: '::set-output::b', complaint: "Required field 'name' is missing in ##[set-output] command." },
    { line: '::stop-commands::', complaint: 'You cannot use a endToken that is an empty string' },
    { line: '::stop-commands::Error', complaint: 'or another workflow command' },
  ])('fails the step for $line', ({ line, complaint }) => {
    const log = logOf([line]);
    expect(log.hasFailed).toBe(true);
    expect(log.complaints).toContain(`Unable to process command '${line}' successfully.`);
    expect(log.annotations.map(({ message }) => message)).toContainEqual(expect.stringContaining(complaint));
  });

  it('accepts outputs of the deprecated form, and says that it is deprecated', () => {
    const log = logOf(['::set-output name=a::b%0Ac']);
    expect(log.outputs).toEqual({ a: 'b\nc' });
    expect(log.hasFailed).toBe(false);
    expect(log.annotations).toMatchObject([{ level: 'warning', message: expect.stringContaining('deprecated') }]);
  });

  it('says that a problem matcher is ignored', () => {
    expect(logOf(['::add-matcher::tsc.json']).complaints).toEqual(['the command add-matcher is not obeyed']);
  });

  it('warns of an empty mask', () => {
    expect(logOf(['::add-mask:: ']).complaints).toEqual([
      "Can't add secret mask for empty string in ##[add-mask] command.",
    ]);
  });
});

describe('an annotation', () => {
  it.for([
    { given: 'file=a.ts,line=1,col=2', is: { file: 'a.ts', line: '1', column: '2' } },
    { given: 'file=/work/a/b.ts', is: { file: 'a/b.ts' } },
    { given: 'file=/other/b.ts', is: { file: '/other/b.ts' } },
    { given: 'endLine=3', is: { line: '3', endLine: '3' } },
    { given: 'line=1,endColumn=5', is: { column: '5', endColumn: '5' } },
    { given: 'col=2', is: { line: '', column: '' } },
    { given: 'line=1,endLine=2,col=1', is: { line: '1', endLine: '2', column: '' } },
    { given: 'line=3,endLine=2', is: { line: '', endLine: '' } },
    { given: 'line=1,col=5,endColumn=4', is: { line: '1', column: '', endColumn: '' } },
  ])('at $given points to $is', ({ given, is }) => {
    expect(logOf([`::error ${given}::x`]).annotations).toMatchObject([is]);
  });

  it('is cut where it is too long, in the log too, and shows no secret', () => {
    const log = logOf(['::add-mask::hunter2', `::error title=hunter2::hunter2${'x'.repeat(5000)}`]);
    expect(log.annotations).toMatchObject([{ title: '***', message: `***${'x'.repeat(4093)}` }]);
    expect(log.lines).toEqual([`Error: ***${'x'.repeat(4093)}`]);
  });
});
