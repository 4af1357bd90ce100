// biome-ignore-all lint/suspicious/noTemplateCurlyInString: GitHub's expressions
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAction } from '../../../harness/proof/runner/run-action.ts';
import { type Action, newFolder, outcomes, running, writeAction } from './running.ts';

const messages = (ran: { annotations: readonly { message: string }[] }) =>
  ran.annotations.map(({ message }) => message);

describe('steps of an action', () => {
  it('pass outputs, variables and PATH to later steps', async () => {
    const ran = await running({
      steps: [
        {
          id: 'one',
          run: `mkdir bin1 bin2
            echo 'echo 1' > bin1/which-one; echo 'echo 2' > bin2/which-one; chmod +x bin*/which-one
            printf '%s\\n' "$PWD/bin1" "$PWD/bin2" >> "$GITHUB_PATH"
            echo "FROM_ONE=x y" >> "$GITHUB_ENV"
            printf 'a-b<<E\\n1\\n2\\nE\\n' >> "$GITHUB_OUTPUT"`,
        },
        {
          id: 'two',
          env: { LINES_OF_ONE: '${{ steps.one.outputs.a-b }}' },
          run: 'echo "$FROM_ONE, $LINES_OF_ONE, $(which-one)"; echo ${{ env.FROM_ONE }}',
        },
      ],
      outputs: { lines: '${{ steps.one.outputs.a-b }}', both: '${{ steps.one.outcome }}-${{ steps.two.conclusion }}' },
    });
    // Of two folders the later one comes first.
    expect(ran.log).toBe('x y, 1\n2, 2\nx y');
    expect(ran.outputs).toEqual({ lines: '1\n2', both: 'success-success' });
    expect(ran).toMatchObject({ conclusion: 'success', complaints: [], orphans: [] });
  });

  it('run after a failure only if their condition allows it', async () => {
    const ran = await running({
      steps: [
        { id: 'bad', run: 'echo "x=1" >> "$GITHUB_OUTPUT"; exit 3' },
        { id: 'default', run: 'echo' },
        { id: 'plain', if: "steps.bad.outputs.x == '1'", run: 'echo' },
        { id: 'always', if: 'always()', run: 'echo ${{ github.action_status }} ${{ job.status }}' },
        { id: 'failure', if: '${{ failure() }}', run: 'echo' },
        { id: 'cancelled', if: 'cancelled()', run: 'echo' },
        { id: 'mixed', if: "always() && steps.bad.outcome == 'failure'", run: 'echo' },
        { id: 'half', if: '${{ !cancelled() }} && false', run: 'echo' },
      ],
      outputs: { x: '${{ steps.bad.outputs.x }}' },
    });
    expect(outcomes(ran)).toEqual({
      bad: 'failure',
      default: 'skipped',
      plain: 'skipped',
      always: 'success',
      failure: 'success',
      cancelled: 'skipped',
      mixed: 'success',
      half: 'success',
    });
    expect(ran.conclusion).toBe('failure');
    expect(ran.outputs).toEqual({ x: '1' });
    expect(ran.steps[0]).toMatchObject({ exitCode: 3 });
    expect(ran.steps[3]?.log).toBe('failure success');
    expect(messages(ran)).toEqual(['Process completed with exit code 3.']);
    expect(ran.complaints).toEqual([]);
  });

  it.for([
    { value: true, conclusion: 'success' },
    { value: '${{ inputs.yes == 1 }}', conclusion: 'success' },
    { value: false, conclusion: 'failure' },
    // Not a boolean, but a text that looks like one.
    { value: '${{ inputs.text }}', conclusion: 'failure' },
  ])('whose failure is forgiven, by continue-on-error: $value, end as $conclusion', async ({ value, conclusion }) => {
    const ran = await running({
      inputs: { yes: { description: 'y', default: '1' }, text: { description: 't', default: 'true' } },
      steps: [{ id: 'bad', run: 'exit 1', 'continue-on-error': value }],
    });
    expect(ran.steps[0]).toMatchObject({ outcome: 'failure', conclusion });
    expect(ran.conclusion).toBe(conclusion);
  });

  it.for<{ what: string; run: string; says: string }>([
    { what: 'a bad output file', run: 'echo plain >> "$GITHUB_OUTPUT"', says: "Invalid format 'plain'" },
    { what: 'a bad variable file', run: 'echo "a<<E" >> "$GITHUB_ENV"', says: 'Matching delimiter not found' },
    { what: 'an output without a name', run: 'echo "=x" >> "$GITHUB_OUTPUT"', says: 'must not be empty' },
    { what: 'a folder where a file was', run: 'rm "$GITHUB_PATH"; mkdir "$GITHUB_PATH"', says: 'EISDIR' },
    { what: 'a command of old', run: 'echo "::set-env name=a::b"', says: 'The `set-env` command is disabled' },
  ])('fail by $what, though their process succeeds', async ({ run, says }) => {
    const ran = await running({
      steps: [{ id: 'a', run: `echo "x=1" >> "$GITHUB_OUTPUT"\n${run}` }],
      outputs: { x: '${{ steps.a.outputs.x }}' },
    });
    expect(ran.steps[0]).toMatchObject({ outcome: 'failure', exitCode: 0 });
    expect(ran.complaints.join('\n')).toContain(says);
    expect(ran.outputs, 'what stands before the mistake counts').toEqual({ x: '1' });
  });

  it('may remove their files', async () => {
    const ran = await running([{ run: 'rm "$GITHUB_OUTPUT" "$GITHUB_ENV" "$GITHUB_STEP_SUMMARY"' }]);
    expect(ran).toMatchObject({ conclusion: 'success', complaints: [] });
  });

  it('fail where they cannot be started', async () => {
    const ran = await running([
      { run: 'echo', 'working-directory': 'none' },
      { if: 'always()', run: 'echo on' },
    ]);
    expect(ran.steps.map(({ outcome }) => outcome)).toEqual(['failure', 'success']);
  });

  it('work in a folder of the workspace, or where else they say', async () => {
    const folder = newFolder();
    const ran = await running([
      { run: 'mkdir sub' },
      { run: 'pwd', 'working-directory': 'sub' },
      { run: 'pwd', 'working-directory': folder },
    ]);
    expect(ran.log).toMatch(new RegExp(`/sub\n${folder}$`));
  });

  it('cannot give their own value to what the runner says', async () => {
    const ran = await running([
      { run: 'echo "GITHUB_JOB=x" >> "$GITHUB_ENV"; echo "Node_Options=-r x" >> "$GITHUB_ENV"' },
      {
        env: { RUNNER_OS: 'mine' },
        run: 'echo "$GITHUB_JOB $RUNNER_OS [$Node_Options] $CI $GITHUB_ACTION_PATH"; [ -z "$RUNNER_DEBUG" ]',
      },
    ]);
    expect(ran.steps[1]?.log).toMatch(/^job Linux \[\] true \/.*running-/);
    expect(ran.complaints).toEqual(["Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command."]);
    expect(ran.conclusion).toBe('success');
  });

  it("see their caller's variables, but for those of the same name that are their own", async () => {
    const steps = [
      { env: { B: 'own' }, run: 'echo "$A $B ${{ env.A }}"; echo "A=late" >> "$GITHUB_ENV"' },
      { run: 'echo "$A"' },
    ];
    const ran = await running(steps, { stepEnv: { A: 'caller', B: 'caller' } });
    expect(ran.log).toBe('caller own caller\ncaller');
  });

  it('may ask for their own variables in their condition', async () => {
    const ran = await running([{ id: 'a', env: { GO: 'yes' }, if: "env.GO == 'yes'", run: 'echo' }]);
    expect(outcomes(ran)).toEqual({ a: 'success' });
  });

  it('end, all of them, where a condition cannot be evaluated', async () => {
    const ran = await running([
      { id: 'bad', if: "fromJSON('{')", run: 'echo' },
      { id: 'always', if: 'always()', run: 'echo' },
    ]);
    expect(outcomes(ran)).toEqual({ bad: 'failure' });
    expect(ran.conclusion).toBe('failure');
    expect(ran.complaints).toHaveLength(1);
  });

  it('run with what they have where a variable cannot be evaluated, and fail', async () => {
    const ran = await running([{ id: 'bad', env: { A: "${{ fromJSON('{') }}" }, run: 'echo "ran [$A]"' }]);
    expect(outcomes(ran)).toEqual({ bad: 'failure' });
    expect(ran.log).toContain('ran []');
  });
});

describe('expressions', () => {
  it.for([
    { expression: 'inputs.name', is: 'given' },
    { expression: 'inputs.NAME', is: 'given' },
    { expression: 'inputs.with-default', is: 'd on Linux' },
    { expression: 'inputs.none', is: '' },
    { expression: "format('{0}-{1}', inputs.name, runner.os)", is: 'given-Linux' },
    { expression: "contains(inputs.name, 'IVE') && 'in' || 'out'", is: 'in' },
    { expression: "join(fromJSON('[1,2]'), '}}')", is: '1}}2' },
    { expression: "startsWith(github.action_path, '/')", is: 'true' },
    { expression: 'toJSON(inputs)', is: '{\n  "name": "given",\n  "with-default": "d on Linux",\n  "none": ""\n}' },
    { expression: "github.workspace == '' || job.status", is: 'success' },
  ])('give for $expression', async ({ expression, is }) => {
    const action: Action = {
      inputs: {
        name: { description: 'n', required: true },
        'with-default': { description: 'w', default: 'd on ${{ runner.os }}' },
        none: { description: 'none' },
      },
      steps: [
        {
          env: { X: `\${{ ${expression} }}` },
          run: 'printf "%s" "$X" >> x; { echo "x<<E"; cat x; echo; echo E; } >> "$GITHUB_OUTPUT"',
          id: 'a',
        },
      ],
      outputs: { x: '${{ steps.a.outputs.x }}' },
    };
    const ran = await running(action, { with: { Name: 'given' } });
    expect(ran.outputs).toEqual({ x: is });
    expect(ran.complaints).toEqual([]);
  });

  it('see an input that is not declared, of which the runner warns', async () => {
    const ran = await running(
      { inputs: { a: { description: 'a' } }, steps: [{ env: { X: '${{ toJSON(inputs) }}' }, run: 'echo "$X"' }] },
      { with: { other: '1' } },
    );
    expect(ran.complaints).toEqual(["Unexpected input(s) 'other', valid inputs are ['a']"]);
    expect(ran.log).toContain('"other": "1"');
    expect(ran.conclusion).toBe('success');
  });
});

describe('secrets', () => {
  it('are masked everywhere, and an output that contains one is dropped', async () => {
    const ran = await running({
      steps: [
        {
          id: 'a',
          run: 'echo "::add-mask::hunter2%0Asecond-line"; echo "say hunter2"; echo "x=hunter2" >> "$GITHUB_OUTPUT"',
        },
        {
          env: { X: '${{ steps.a.outputs.x }}' },
          run: 'echo "$X"; echo "::error title=$X::$X"; echo "::group::$X"; echo "# second-line" >> "$GITHUB_STEP_SUMMARY"',
        },
      ],
      outputs: { x: '${{ steps.a.outputs.x }}', fine: 'y' },
    });
    expect(ran.outputs).toEqual({ fine: 'y' });
    expect(ran.complaints).toEqual(["Skip output 'x' since it may contain secret."]);
    expect(ran.log).toBe('say ***\n***\nError: ***\n▾ ***');
    expect(ran.summary).toBe('# ***\n');
    expect(ran.annotations).toMatchObject([{ title: '***', message: '***' }]);
    expect(ran.groups).toEqual(['***']);
  });
});

describe('the output of an action', () => {
  it('has at most ten annotations of each level, of all its steps', async () => {
    const errors = (count: number) => `for i in $(seq ${count}); do echo "::error::e$i"; echo "::notice::n$i"; done`;
    const ran = await running([{ run: errors(6) }, { run: errors(6) }]);
    expect(messages(ran).filter((message) => message.startsWith('e'))).toHaveLength(10);
    expect(ran.steps.map(({ annotations }) => annotations.length)).toEqual([12, 8]);
    expect(ran.complaints).toEqual(['4 annotations beyond the tenth of their level were dropped']);
    expect(ran.log.match(/^Error: /gm)).toHaveLength(12);
  });

  it('leaves out the summary of a step above 1 MiB', async () => {
    const ran = await running([
      { run: 'echo "# one" >> "$GITHUB_STEP_SUMMARY"' },
      { run: 'head -c 1048577 /dev/zero | tr "\\0" x >> "$GITHUB_STEP_SUMMARY"' },
      { run: 'printf "# three" >> "$GITHUB_STEP_SUMMARY"' },
    ]);
    expect(ran.summary).toBe('# one\n# three\n');
    expect(ran.complaints).toEqual([
      '$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1024k.',
    ]);
    expect(ran.conclusion).toBe('success');
  });

  it('comes line by line, from both streams, and the steps by name', async () => {
    const lines: string[] = [];
    const begun: string[] = [];
    const options = { tell: (line: string) => lines.push(line), begin: (step: string) => begun.push(step) };
    await running(
      [
        { name: 'Say ${{ runner.os }}', run: 'printf "a\\r\\nb\\rc\\n"; sleep 0.05; printf "d" >&2' },
        { run: 'echo e' },
      ],
      options,
    );
    expect(lines).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(begun).toEqual(['Say Linux', 'Run']);
  });
});

describe('another action', () => {
  it("that is called has its own inputs and outputs, its caller's variables, and shows in its caller's step", async () => {
    const folder = newFolder();
    writeAction(join(folder, 'inner'), {
      inputs: { a: { description: 'a' } },
      steps: [
        {
          id: 'x',
          run: 'echo "x=${{ inputs.a }} $OUTER" >> "$GITHUB_OUTPUT"; echo "# inner" >> "$GITHUB_STEP_SUMMARY"',
        },
        { run: 'echo "::warning::from inside"; echo "::group::inside"; exit 4' },
      ],
      outputs: { said: '${{ steps.x.outputs.x }}' },
    });
    writeAction(folder, {
      steps: [
        { id: 'call', uses: './inner', with: { a: 'b', c: 'd' }, env: { OUTER: 'o' }, 'continue-on-error': true },
        { id: 'after', env: { SAID: '${{ steps.call.outputs.said }}' }, run: 'echo "$SAID [$OUTER]"' },
      ],
    });
    const ran = await running([], { actionFolder: folder, workspace: folder });
    expect(ran.steps[0]).toMatchObject({ outcome: 'failure', conclusion: 'success', summary: '# inner\n' });
    expect(ran.steps[1]?.log).toBe('b o []');
    expect(messages(ran)).toEqual([
      "Unexpected input(s) 'c', valid inputs are ['a']",
      'from inside',
      'Process completed with exit code 4.',
    ]);
    expect(ran.groups).toEqual(['inside']);
    expect(ran.conclusion).toBe('success');
  });

  it('may have a stand-in, which gets its inputs and gives its outputs', async () => {
    const ran = await running(
      {
        steps: [
          { id: 'up', uses: 'actions/upload-artifact@v7', with: { name: '${{ runner.os }}' } },
          { run: 'echo "${{ steps.up.outputs.id }}"' },
        ],
      },
      { standIns: { 'actions/upload-artifact': ({ inputs }) => ({ id: `id of ${inputs['name']}` }) } },
    );
    expect(ran.log).toBe('id of Linux');
  });

  it('fails as its stand-in does, and its message is not run as a command', async () => {
    const fail = () => {
      throw new Error('no 100%25 ::x');
    };
    const ran = await running([{ id: 'a', uses: 'some/action/sub@v1' }], { standIns: { 'some/action': fail } });
    expect(outcomes(ran)).toEqual({ a: 'failure' });
    expect(messages(ran)).toEqual(['no 100%25 ::x']);
  });
});

describe('a job', () => {
  it('has a temporary folder that is deleted afterwards, unless one is given', async () => {
    const folder = newFolder();
    const steps = [{ id: 'a', run: 'touch "$RUNNER_TEMP/kept"; echo "temp=$RUNNER_TEMP" >> "$GITHUB_OUTPUT"' }];
    const outputs = { temp: '${{ steps.a.outputs.temp }}' };
    const ran = await running({ steps, outputs });
    expect(existsSync(ran.outputs['temp'] ?? '/')).toBe(false);
    await running({ steps, outputs }, { temp: join(folder, 'temp') });
    expect(existsSync(join(folder, 'temp/kept'))).toBe(true);
  });

  it('passes only its own environment to the action', async () => {
    const folder = writeAction(newFolder(), { steps: [{ run: 'env | cut -d= -f1 | sort' }] });
    writeFileSync(join(folder, 'x'), '');
    const env = { PATH: process.env['PATH'] ?? '', MINE: '1' };
    const ran = await runAction({ actionFolder: folder, workspace: folder, with: {}, standIns: {}, env });
    const names = ran.log.split('\n').filter((name) => !/^(GITHUB|RUNNER)_/.test(name));
    expect(names).toEqual(['CI', 'MINE', 'PATH', 'PWD', 'SHLVL', '_']);
  });
});
