import * as z from 'zod';
import { type GitHub, GitHubRefused, type Kept, type Marked } from '../ports/github.ts';
import { createRest, type Rest, type RestOptions } from './rest.ts';

export interface GitHubOptions extends RestOptions {
  /** `owner/name`. */
  repository: string;
}

const author = z.object({ login: z.string(), type: z.string() }).nullable();
const text = z.string().nullish();
const comment = z.object({ id: z.number(), body: text, user: author });
const issue = z.object({ number: z.number(), title: z.string(), body: text, user: author });
const anything = z.unknown();
const created = z.object({ id: z.number() });

/** GitHub refuses a longer one. */
const descriptionMax = 140;

/** Issues of ours, to find them among all others. */
const label = 'istio-canary-upgrade';

/** Nothing is asked yet. */
export function createGitHub({ repository, ...options }: GitHubOptions): GitHub {
  const rest = createRest(options);
  const isOurs = ownership(rest);
  const issues = `/repos/${repository}/issues`;
  const deployments = `/repos/${repository}/deployments`;

  const openIssue = async (marker: string) => {
    const open = await rest.list(`${issues}?state=open&labels=${label}`, issue);
    return await first(open, marker, isOurs);
  };

  return {
    async keepComment(pullRequest, marked): Promise<Kept> {
      const all = await rest.list(`${issues}/${pullRequest}/comments`, comment);
      const found = await first(all, marked.marker, isOurs);
      const body = bodyOf(marked);
      if (found?.body === body) return 'unchanged';
      if (found === undefined) await rest.send('POST', `${issues}/${pullRequest}/comments`, anything, { body });
      else await rest.send('PATCH', `${issues}/comments/${found.id}`, anything, { body });
      return found === undefined ? 'written' : 'replaced';
    },

    async keepIssue({ title, ...marked }): Promise<Kept> {
      const found = await openIssue(marked.marker);
      const body = bodyOf(marked);
      if (found?.body === body && found.title === title) return 'unchanged';
      if (found === undefined) await rest.send('POST', issues, anything, { title, body, labels: [label] });
      else await rest.send('PATCH', `${issues}/${found.number}`, anything, { title, body });
      return found === undefined ? 'written' : 'replaced';
    },

    async closeIssue({ marker, body }) {
      const found = await openIssue(marker);
      if (found === undefined) return 'none';
      await rest.send('POST', `${issues}/${found.number}/comments`, anything, { body });
      await rest.send('PATCH', `${issues}/${found.number}`, anything, { state: 'closed', state_reason: 'completed' });
      return 'closed';
    },

    async createDeployment({ commit, environment, description }) {
      const { id } = await rest.send('POST', deployments, created, {
        ref: commit,
        environment,
        description: description.slice(0, descriptionMax),
        task: 'istio-upgrade',
        // What runs is not what is deployed: neither the branch nor its checks have a say.
        auto_merge: false,
        required_contexts: [],
      });
      return id;
    },

    async tellDeployment(id, { state, description, logUrl }) {
      const body = { state, description: description.slice(0, descriptionMax), log_url: logUrl };
      await rest.send('POST', `${deployments}/${id}/statuses`, anything, body);
    },

    close: () => rest.close(),
  };
}

const bodyOf = ({ marker, body }: Marked): string => `${marker}\n${body}`;

interface Written {
  body?: string | null | undefined;
  user: z.infer<typeof author>;
}

async function first<T extends Written>(
  all: readonly T[],
  marker: string,
  isOurs: (written: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const written of all) if (written.body?.startsWith(`${marker}\n`) && (await isOurs(written))) return written;
  return undefined;
}

/**
 * Anybody can write our marker, and would keep the right to edit what we put below it. So what we replace must be from a bot,
 * as the token of a job and of an App write, or from the user whose token we were given.
 */
function ownership(rest: Rest): ({ user }: Written) => Promise<boolean> {
  let me: Promise<string> | undefined;
  return async ({ user }) => {
    if (user === null) return false;
    if (user.type === 'Bot') return true;
    me ??= loginOf(rest);
    return (await me) === user.login;
  };
}

async function loginOf(rest: Rest): Promise<string> {
  try {
    return (await rest.send('GET', '/user', z.object({ login: z.string() }))).login;
  } catch (failure) {
    // The token of a job belongs to no user.
    if (failure instanceof GitHubRefused && (failure.status === 403 || failure.status === 401)) return '';
    throw failure;
  }
}
