import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { githubApi } from '../../harness/proof/runner/stand-ins/github-api.ts';
import { deploymentsFor } from '../../src/action/deployments.ts';
import { InputsInvalid } from '../../src/action/input-errors.ts';
import { readInputs } from '../../src/action/inputs.ts';
import { type Commands, Log } from '../../src/action/log.ts';
import type { RunEvent } from '../../src/model/events.ts';
import type { StepName } from '../../src/model/procedure.ts';
import { aFinding } from '../model/a-finding.ts';

const token = 'ghs_of-this-job-alone';
const given = { command: 'upgrade', deployment: 'staging', 'github-token': token };

const started = (number: 2 | 3, name: StepName): RunEvent => ({
  kind: 'stage-started',
  step: name,
  number,
  name,
  title: `Do ${name}`,
});
const waiting = (number: 2 | 3): RunEvent => ({ kind: 'waiting', number, shortfalls: [], sinceMs: 0 });
const done = (number: 2 | 3, name: StepName, untouched = false): RunEvent => ({
  kind: 'stage-done',
  step: name,
  number,
  name,
  title: '',
  proof: 'all is proven',
  untouched,
});
const problem: RunEvent = {
  kind: 'problem',
  number: 3,
  name: 'move-tag',
  problem: aFinding('X', { message: `something is wrong${' and more'.repeat(50)}`, fix: '' }),
  decision: 'hold',
};

async function told(
  events: readonly RunEvent[],
  { inputs = given, refuse = 200 }: { inputs?: object; refuse?: number } = {},
) {
  const api = await githubApi(token);
  onTestFinished(() => api.close());
  api.refuse(refuse);
  const folder = mkdtempSync(join(tmpdir(), 'event-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'event.json');
  writeFileSync(file, '{}');
  const warnings: string[] = [];
  const say = (): void => undefined;
  const commands: Commands = {
    info: say,
    debug: say,
    error: say,
    notice: say,
    warning: (message) => void warnings.push(String(message)),
    startGroup: say,
    endGroup: say,
    isDebug: () => false,
  };
  const env = {
    GITHUB_API_URL: api.url,
    GITHUB_EVENT_PATH: file,
    GITHUB_REPOSITORY: 'owner/caller',
    GITHUB_RUN_ID: '12',
    GITHUB_SERVER_URL: 'https://github.example.com',
    GITHUB_SHA: 'abcdef0123456789',
  };
  const deployments = deploymentsFor({ inputs: readInputs(JSON.stringify(inputs)), env, log: new Log(commands, 7) });
  for (const event of events) deployments.receive({ ...event, at: 0 });
  await deployments.settle();
  return {
    api,
    warnings,
    states: api.deployments.map((each) => [each.environment, ...each.statuses.map(({ state }) => state)]),
  };
}

describe('the deployments of a run', () => {
  it('are one for each stage with work, with its outcome', async () => {
    const events = [
      started(2, 'install-control-plane'),
      waiting(2),
      waiting(2),
      done(2, 'install-control-plane'),
      started(3, 'move-tag'),
      waiting(3),
      problem,
    ];
    const { api, states, warnings } = await told(events);
    expect(states).toEqual([
      ['staging/install-control-plane', 'in_progress', 'success'],
      ['staging/move-tag', 'in_progress', 'failure'],
    ]);
    expect(api.deployments[0]).toMatchObject({ ref: 'abcdef0123456789' });
    expect(api.deployments[0]?.statuses.at(-1)).toMatchObject({
      description: 'all is proven',
      log_url: 'https://github.example.com/owner/caller/actions/runs/12/attempts/1',
    });
    expect(warnings).toEqual([]);
  });

  it('leave out a stage without work, as in a run that resumes', async () => {
    const { states } = await told([started(2, 'install-control-plane'), done(2, 'install-control-plane', true)]);
    expect(states).toEqual([]);
  });

  it('do not stay in progress when the run is interrupted', async () => {
    const ended: RunEvent = { kind: 'run-ended', outcome: 'interrupted', message: 'Interrupted.', next: '' };
    const { states } = await told([started(3, 'move-tag'), waiting(3), ended]);
    expect(states).toEqual([['staging/move-tag', 'in_progress', 'error']]);
  });

  it('lead to exactly one warning when the token may not write them', async () => {
    const { api, warnings } = await told(
      [
        started(2, 'install-control-plane'),
        waiting(2),
        done(2, 'install-control-plane'),
        started(3, 'move-tag'),
        waiting(3),
      ],
      {
        refuse: 403,
      },
    );
    expect(warnings).toEqual([expect.stringContaining('GitHub answered 403')]);
    expect(api.calls).toEqual(['POST /repos/owner/caller/deployments']);
  });

  it('are written only if the input asks for them', async () => {
    const { api } = await told([started(2, 'install-control-plane'), waiting(2)], {
      inputs: { command: 'upgrade', 'github-token': token },
    });
    expect(api.calls).toEqual([]);
  });

  it('need a token', () => {
    expect(() => readInputs(JSON.stringify({ command: 'upgrade', deployment: 'staging' }))).toThrow(
      InputsInvalid.of([{ input: 'deployment', message: 'needs github-token', instead: 'give both, or neither' }])
        .message,
    );
  });
});
