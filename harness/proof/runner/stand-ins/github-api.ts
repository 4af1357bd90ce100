import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface StoredComment {
  id: number;
  issue: number;
  body: string;
  user: { login: string; type: string };
}

interface StoredIssue {
  number: number;
  title: string;
  body: string;
  state: string;
  labels: string[];
  user: { login: string; type: string };
}

interface StoredDeployment {
  id: number;
  ref: string;
  environment: string;
  /** States, the oldest first. */
  statuses: { state: string; description: string; log_url: string }[];
}

/** A part of GitHub's REST API on loopback: comments, issues and deployments of one repository, in memory. */
export interface GitHubApi {
  /** As GITHUB_API_URL; with a path, as on an Enterprise Server. */
  url: string;
  comments: StoredComment[];
  issues: StoredIssue[];
  deployments: StoredDeployment[];
  /** Every request: method and path. */
  calls: string[];
  /** Answers everything with this status from now on; 200 is as usual. */
  refuse(status: number): void;
  close(): Promise<void>;
}

const bot = { login: 'github-actions[bot]', type: 'Bot' };
const base = '/api/v3';

/** @param token without which it answers 401 */
export async function githubApi(token: string): Promise<GitHubApi> {
  const comments: StoredComment[] = [];
  const issues: StoredIssue[] = [];
  const deployments: StoredDeployment[] = [];
  const calls: string[] = [];
  let refused = 200;
  let last = 100;

  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    const url = new URL(request.url ?? '', 'http://loopback');
    const path = url.pathname.replace(base, '');
    calls.push(`${request.method} ${path}`);
    if (refused !== 200) return [refused, { message: 'Resource not accessible by integration' }];
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { message: 'Bad credentials' }];
    const body = request.method === 'GET' ? {} : ((await json(request)) as Record<string, string>);
    const page = Number(url.searchParams.get('page') ?? 1);
    const size = Number(url.searchParams.get('per_page') ?? 30);
    const paged = <T>(all: readonly T[]): [number, T[]] => [200, all.slice((page - 1) * size, page * size)];
    const deployed = /^\/repos\/owner\/caller\/deployments(?:\/(\d+)\/statuses)?$/.exec(path);
    if (deployed !== null) return deploy(deployed[1], body);
    const found = /^\/repos\/owner\/caller\/issues(?:\/comments\/(\d+)|\/(\d+)(\/comments)?)?$/.exec(path);
    if (found === null) return [path === '/user' ? 403 : 404, { message: 'Not Found' }];
    const [, commentId, number, ofIssue] = found;
    last += 1;
    if (commentId !== undefined) {
      const comment = comments.find(({ id }) => id === Number(commentId));
      return comment === undefined ? [404, { message: 'Not Found' }] : [200, Object.assign(comment, body)];
    }
    if (ofIssue !== undefined) {
      if (request.method === 'GET') return paged(comments.filter(({ issue }) => issue === Number(number)));
      const comment = { id: last, issue: Number(number), body: body['body'] ?? '', user: bot };
      comments.push(comment);
      return [201, comment];
    }
    if (number !== undefined) {
      const issue = issues.find((each) => each.number === Number(number));
      return issue === undefined ? [404, { message: 'Not Found' }] : [200, Object.assign(issue, body)];
    }
    if (request.method === 'GET') {
      const { state, labels } = Object.fromEntries(url.searchParams) as Record<string, string>;
      return paged(issues.filter((each) => each.state === state && each.labels.includes(labels ?? '')));
    }
    const issue = { title: '', body: '', labels: [], ...body, number: last, state: 'open', user: bot };
    issues.push(issue);
    return [201, issue];
  };

  const deploy = (id: string | undefined, body: Readonly<Record<string, string>>): [number, unknown] => {
    if ((body['description'] ?? '').length > 140) return [422, { message: 'description is too long' }];
    if (id === undefined) {
      last += 1;
      const made = { id: last, ref: body['ref'] ?? '', environment: body['environment'] ?? '', statuses: [] };
      deployments.push(made);
      return [201, made];
    }
    const deployment = deployments.find((each) => each.id === Number(id));
    if (deployment === undefined) return [404, { message: 'Not Found' }];
    const { state = '', description = '', log_url = '' } = body;
    deployment.statuses.push({ state, description, log_url });
    return [201, {}];
  };

  const server = createServer((request, response) => {
    void answer(request).then(([status, value]) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base}`,
    comments,
    issues,
    deployments,
    calls,
    refuse: (status) => {
      refused = status;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
