import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GitHubApi, githubApi } from '../../harness/proof/runner/stand-ins/github-api.ts';
import { type Acting, actionFolder, podsByRevision } from '../action/acting.ts';
import { meshOf, runExample } from './examples.ts';

const token = 'ghs_of-this-job-alone';
const config = 'istio/staging/1.31.0.yaml';

/** A checkout of the merge of a pull request which adds the upgrade. */
async function pullRequest() {
  const acting = await meshOf('staging');
  const api = await githubApi(token);
  onTestFinished(() => api.close());
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: acting.workspace });
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '--message', 'base');
  git('add', config);
  git('commit', '--quiet', '--message', 'merge');
  return { acting, api };
}

interface Surrounded extends Acting {
  served: { kubeconfig: string };
}

/** @param secrets of the repository, which forks do not get */
const validate = (
  acting: Surrounded,
  api: GitHubApi,
  from = 'owner/caller',
  secrets: Readonly<Record<string, string>> = from === 'owner/caller' ? { KUBECONFIG: acting.served.kubeconfig } : {},
) =>
  runExample(acting, {
    workflow: 'validate.yml',
    secrets,
    github: { event_name: 'pull_request', api_url: api.url, token },
    event: { pull_request: { number: 7, head: { sha: 'abcdef0123456789', repo: { full_name: from } } } },
  });

describe('validate.yml', () => {
  it('keeps one comment up to date: the plan, then what blocks it', async () => {
    const { acting, api } = await pullRequest();
    const green = await validate(acting, api);
    const [, job] = green.jobs;
    expect(job, job?.ran?.log).toMatchObject({ result: 'success', environment: 'staging-look' });
    expect(api.comments).toMatchObject([{ issue: 7 }]);
    expect(api.comments[0]?.body).toMatch(/\n### ✔ Istio 1\.30\.4 → 1\.31\.0 can begin/);
    expect(job?.ran?.log).not.toContain(token);

    acting.served.sim.traffic.setErrorRatio({ revision: '1-30-4', ratio: 0.5 });
    const red = await validate(acting, api);
    expect(red.result, red.jobs.at(-1)?.ran?.log).toBe('failure');
    expect(api.comments.length).toBe(1);
    expect(api.comments[0]?.body).toMatch(/\n### ✘ Istio 1\.30\.4 → 1\.31\.0 cannot begin: /);
    expect(podsByRevision(acting.served)).toEqual({ '1-30-4': 13 });
  });

  it('rehearses the inventory without credentials, and writes the prediction to the same comment', async () => {
    const { acting, api } = await pullRequest();
    await validate(acting, api);
    cpSync(join(actionFolder, 'examples/inventory.json'), join(acting.workspace, 'istio/staging/inventory.json'));
    const { jobs, result } = await validate(acting, api, 'owner/caller', {});
    expect(result, jobs.at(-1)?.ran?.log).toBe('success');
    expect(api.comments.length).toBe(1);
    expect(api.comments[0]?.body).toMatch(/\n### ✔ Istio 1\.30\.4 → 1\.31\.0 is completed in a rehearsal /);
    expect(jobs.at(-1)?.ran?.summary).toContain('No cluster was contacted.');
    expect(podsByRevision(acting.served)).toEqual({ '1-30-4': 13 });
  });

  it('annotates mistakes at their lines, and lists them in the comment', async () => {
    const { acting, api } = await pullRequest();
    const file = join(acting.workspace, config);
    writeFileSync(file, readFileSync(file, 'utf8').replace('bake: 12s', 'bake: 12'));
    const { jobs, result } = await validate(acting, api, 'stranger/fork');
    expect(result).toBe('failure');
    expect(jobs.at(-1)?.ran?.annotations[0]).toMatchObject({ level: 'error', file: config, line: '11' });
    expect(api.comments[0]?.body).toContain(`\`${config}:11\` gate.bake 12 has no unit`);
  });

  it('checks a fork without a cluster, and skips the comment that its token may not write', async () => {
    const { acting, api } = await pullRequest();
    api.refuse(403);
    const { jobs, result } = await validate(acting, api, 'stranger/fork');
    expect(result, jobs.at(-1)?.ran?.log).toBe('success');
    expect(jobs.at(-1)?.ran?.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', title: 'Nothing was written to GitHub' }),
    );
    expect(jobs.at(-1)?.ran?.summary).toContain('No cluster was contacted.');
  });
});
