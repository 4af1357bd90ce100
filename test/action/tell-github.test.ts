import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { githubApi } from '../../harness/proof/runner/stand-ins/github-api.ts';
import { readInputs } from '../../src/action/inputs.ts';
import { type Commands, Log } from '../../src/action/log.ts';
import { tellGitHub } from '../../src/action/tell-github.ts';
import { describeFailure } from '../../src/verbs/describe-failure.ts';

const token = 'ghs_of-this-job-alone';
const failure = describeFailure(new Error('out of luck'));

async function job(event: object = { pull_request: { number: 7, head: { sha: 'abcdef0123456789' } } }) {
  const api = await githubApi(token);
  onTestFinished(() => api.close());
  const folder = mkdtempSync(join(tmpdir(), 'event-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'event.json');
  writeFileSync(file, JSON.stringify(event));
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
  };
  const telling = (given: Record<string, string>) => ({
    inputs: readInputs(JSON.stringify({ 'github-token': token, ...given })),
    env,
    log: new Log(commands, 7),
  });
  return { api, env, warnings, telling };
}

describe('the report to GitHub', () => {
  it('is one comment on the pull request, with the run and the commit that were checked', async () => {
    const { api, telling } = await job();
    await tellGitHub(telling({ command: 'check' }), { failure });
    await tellGitHub(telling({ command: 'check' }), {});
    expect(api.comments).toMatchObject([{ issue: 7 }]);
    expect(api.comments[0]?.body).toContain('commit `abcdef012345`');
    expect(api.comments[0]?.body).toContain(
      '[the run](https://github.example.com/owner/caller/actions/runs/12/attempts/1)',
    );
    expect(api.issues).toEqual([]);
  });

  it.for([
    { when: 'no token is given', given: { command: 'check', 'github-token': '' } },
    { when: 'it is not wanted', given: { command: 'check', comment: 'false' } },
    { when: 'the command is not about a plan', given: { command: 'status' } },
    { when: 'the command upgrades', given: { command: 'upgrade' } },
  ])('sends no request when $when', async ({ given }) => {
    const { api, telling, warnings } = await job();
    await tellGitHub(telling(given), {});
    expect(api.calls).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('writes no comment outside of a pull request', async () => {
    const { api, telling, warnings } = await job({ inputs: {} });
    await tellGitHub(telling({ command: 'check' }), {});
    expect([...api.calls, ...warnings]).toEqual([]);
  });

  it('keeps one issue per command while a schedule fails, and closes it afterwards', async () => {
    const { api, telling } = await job({ schedule: '0 3 * * *' });
    await tellGitHub(telling({ command: 'check', issue: 'true' }), { failure });
    await tellGitHub(telling({ command: 'check', issue: 'true' }), { failure });
    await tellGitHub(telling({ command: 'plan', issue: 'true' }), {});
    expect(api.issues).toMatchObject([{ state: 'open', title: 'Istio: check of istio-upgrade.yaml fails' }]);
    expect(api.issues[0]?.body).toMatch(/\*\*INTERNAL\*\*: Error: out of luck/);
    await tellGitHub(telling({ command: 'check', issue: 'true' }), {});
    expect(api.issues).toMatchObject([{ state: 'closed' }]);
  });

  it('becomes a warning when GitHub refuses it, and the run does not fail', async () => {
    const { api, telling, warnings } = await job();
    api.refuse(403);
    await tellGitHub(telling({ command: 'check' }), {});
    expect(warnings).toEqual([expect.stringMatching(/GitHub answered 403.*Nothing else depends on it/)]);
  });

  it('becomes a warning when GitHub does not answer or the runner names no event', async () => {
    const { api, env, telling, warnings } = await job();
    await api.close();
    await tellGitHub(telling({ command: 'check' }), {});
    await tellGitHub({ ...telling({ command: 'check' }), env: { ...env, GITHUB_EVENT_PATH: undefined } }, {});
    expect(warnings).toEqual([
      expect.stringMatching(/ECONNREFUSED/),
      expect.stringMatching(/GITHUB_EVENT_PATH is not set/),
    ]);
  });
});
