import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCluster } from '../../../harness/proof/kind/cluster.ts';
import type { Kind } from '../../../harness/proof/kind/kind-cli.ts';

/** A kind that notes what is asked of it, and fails where it is told to. */
function fakeKind(failing: Partial<Record<keyof Kind, string>> = {}, existing: readonly string[] = []) {
  const asked: string[] = [];
  const answer = (command: keyof Kind) => async (): Promise<void> => {
    asked.push(command);
    if (failing[command] !== undefined) throw new Error(failing[command]);
  };
  const kind: Kind = {
    version: async () => 'kind v0.33.0',
    clusters: async () => existing,
    create: answer('create'),
    load: answer('load'),
    exportLogs: answer('exportLogs'),
    remove: answer('remove'),
  };
  return { kind, asked };
}

const told: string[] = [];
const wanted = () => ({
  name: 'a',
  image: 'i',
  logs: join(mkdtempSync(join(tmpdir(), 'cluster-')), 'logs'),
  tell: (line: string) => void told.push(line),
});

it('a cluster keeps its logs before it is deleted, and leaves no kubeconfig', async () => {
  const { kind, asked } = fakeKind();
  const cluster = await openCluster(kind, wanted());
  expect(existsSync(cluster.folder)).toBe(true);
  await cluster.close();
  expect(asked).toEqual(['create', 'exportLogs', 'remove']);
  expect(existsSync(cluster.folder)).toBe(false);
});

it('a cluster whose creation was interrupted is deleted', async () => {
  const { kind, asked } = fakeKind({ create: 'interrupted' });
  await expect(openCluster(kind, wanted())).rejects.toThrow('interrupted');
  expect(asked).toEqual(['create', 'exportLogs', 'remove']);
});

it('a cluster whose logs cannot be exported is deleted, and the failure is reported', async () => {
  const { kind, asked } = fakeKind({ exportLogs: 'no space left' });
  await (await openCluster(kind, wanted())).close();
  expect(asked.at(-1)).toBe('remove');
  expect(told.at(-1)).toBe('the logs of a could not be kept: no space left');
});

it('a cluster that cannot be deleted makes closing fail', async () => {
  const { kind } = fakeKind({ remove: 'docker is gone' });
  await expect((await openCluster(kind, wanted())).close()).rejects.toThrow('docker is gone');
});

it('a cluster that already existed is neither used nor deleted', async () => {
  const { kind, asked } = fakeKind({}, ['a']);
  await expect(openCluster(kind, wanted())).rejects.toThrow('there is a kind cluster a already');
  expect(asked).toEqual([]);
});
