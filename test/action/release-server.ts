import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that stands for istioctl, as far as its version goes; real ones may log before the JSON. */
export const fakeIstioctl = (version: string): string =>
  `#!/bin/sh
[ "$1 $2" = 'version --remote=false' ] || exit 64
echo '2026-11-22T10:00:00.000000Z	info	a line from before the flags are read'
echo '{ "clientVersion": { "version": "${version}", "status": "Clean" } }'
`;

/** The archive of a release as Istio makes it: one file. */
export function archiveOf(script: string, name = 'istioctl'): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
    execFileSync('tar', ['-czf', 'archive', name], { cwd: folder });
    return readFileSync(join(folder, 'archive'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

export type Answer = Buffer | string | number | ((request: IncomingMessage, response: ServerResponse) => void);

/** Serves what stands in `answers` by path, 404 for the rest; a list is gone through request by request. */
export async function serveReleases(answers: Record<string, Answer | readonly Answer[]>) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const found = answers[path] ?? 404;
    const earlier = requests.filter((other) => other === path).length;
    const answer = Array.isArray(found) ? (found[earlier] ?? 404) : (found as Answer);
    requests.push(path);
    if (typeof answer === 'function') answer(request, response);
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(answer);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
