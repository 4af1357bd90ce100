import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Environment } from './environment.ts';

/** What started this workflow run, and where it is, also on GitHub Enterprise. */
export interface GitHubEvent {
  apiUrl: string;
  /** `owner/name`. */
  repository: string;
  /** The page of this attempt. */
  runPage: string;
  commit: string;
  pullRequest: number | undefined;
}

const eventFile = z.object({
  pull_request: z.object({ number: z.int().positive(), head: z.object({ sha: z.string() }) }).optional(),
});

/** @throws Error outside of a runner, and for an event file that cannot be parsed */
export function githubEvent(env: Environment): GitHubEvent {
  const known = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`${name} is not set`);
    return value;
  };
  const { pull_request: pull } = eventFile.parse(JSON.parse(readFileSync(known('GITHUB_EVENT_PATH'), 'utf8')));
  const repository = known('GITHUB_REPOSITORY');
  const attempt = env['GITHUB_RUN_ATTEMPT'] ?? '1';
  return {
    apiUrl: known('GITHUB_API_URL'),
    repository,
    runPage: `${known('GITHUB_SERVER_URL')}/${repository}/actions/runs/${known('GITHUB_RUN_ID')}/attempts/${attempt}`,
    // On a pull request GITHUB_SHA is a temporary merge commit, which is not in the branch.
    commit: pull?.head.sha ?? env['GITHUB_SHA'] ?? '',
    pullRequest: pull?.number,
  };
}
