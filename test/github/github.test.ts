import { describe, expect, it, onTestFinished } from 'vitest';
import { githubApi } from '../../harness/proof/runner/stand-ins/github-api.ts';
import { createGitHub } from '../../src/github/github.ts';

const token = 'ghs_of-this-job-alone';
const marker = '<!-- istio-canary-upgrade 0123456789abcdef -->';
const bot = { login: 'github-actions[bot]', type: 'Bot' };

async function github(given = token) {
  const api = await githubApi(token);
  onTestFinished(() => api.close());
  const signal = AbortSignal.timeout(5_000);
  const client = createGitHub({ apiUrl: api.url, repository: 'owner/caller', token: given, env: {}, signal });
  onTestFinished(() => client.close());
  return { api, client };
}

describe('the pull request comment', () => {
  it('is written once, replaced when it changes, and left alone when it does not', async () => {
    const { api, client } = await github();
    expect(await client.keepComment(7, { marker, body: 'one' })).toBe('written');
    expect(await client.keepComment(7, { marker, body: 'two' })).toBe('replaced');
    expect(await client.keepComment(7, { marker, body: 'two' })).toBe('unchanged');
    expect(api.comments.map(({ body }) => body)).toEqual([`${marker}\ntwo`]);
  });

  it('of another config is a comment of its own', async () => {
    const { api, client } = await github();
    await client.keepComment(7, { marker, body: 'one' });
    await client.keepComment(7, { marker: marker.replace('0', '9'), body: 'other' });
    expect(api.comments.length).toBe(2);
  });

  it('is found after hundreds of other comments', async () => {
    const { api, client } = await github();
    for (let id = 1_000; id < 1_250; id += 1) api.comments.push({ id, issue: 7, body: 'chatter', user: bot });
    await client.keepComment(7, { marker, body: 'one' });
    await client.keepComment(7, { marker, body: 'two' });
    expect(api.comments.filter(({ body }) => body.startsWith(marker)).length).toBe(1);
  });

  it('is never written into the comment of another user that contains the marker', async () => {
    const { api, client } = await github();
    const mallory = { login: 'mallory', type: 'User' };
    api.comments.push({ id: 1, issue: 7, body: `${marker}\nall is well`, user: mallory });
    expect(await client.keepComment(7, { marker, body: 'two findings block it' })).toBe('written');
    expect(api.comments[0]?.body).toBe(`${marker}\nall is well`);
  });
});

describe('the issue of a failing schedule', () => {
  it('is opened once, replaced while it is open, closed at the first success, and opened as a new one at the next failure', async () => {
    const { api, client } = await github();
    expect(await client.closeIssue({ marker, body: 'well' })).toBe('none');
    expect(await client.keepIssue({ marker, title: 'It fails', body: 'first' })).toBe('written');
    expect(await client.keepIssue({ marker, title: 'It fails', body: 'second' })).toBe('replaced');
    expect(api.issues).toMatchObject([{ state: 'open', body: `${marker}\nsecond`, labels: ['istio-canary-upgrade'] }]);
    expect(await client.closeIssue({ marker, body: 'well again' })).toBe('closed');
    expect(api.issues).toMatchObject([{ state: 'closed' }]);
    expect(api.comments).toMatchObject([{ issue: api.issues[0]?.number, body: 'well again' }]);
    expect(await client.keepIssue({ marker, title: 'It fails', body: 'third' })).toBe('written');
    expect(api.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
  });
});

it('a refused request is reported with the message of GitHub, and never with the token', async () => {
  const { api, client } = await github();
  api.refuse(403);
  const refusal = await client.keepComment(7, { marker, body: 'one' }).catch((failure: unknown) => failure);
  expect(String(refusal)).toBe(
    'GitHubRefused: GET /repos/owner/caller/issues/7/comments?per_page=100&page=1: GitHub answered 403, Resource not accessible by integration',
  );
});

it('a wrong token is refused, and nothing is written', async () => {
  const { api, client } = await github('ghs_of-another-user');
  await expect(client.keepComment(7, { marker, body: 'one' })).rejects.toThrow(/answered 401, Bad credentials/);
  expect(api.comments).toEqual([]);
});
