import { describe, expect, it } from 'vitest';
import { INSIDE } from '../../../harness/proof/containers/inside.ts';
import { createRun } from '../../../harness/proof/kind/run.ts';
import { parseHop } from '../../../harness/proof/lab/hop.ts';
import { kindBackend } from '../../../harness/rehearsal/backends/kind-backend.ts';

const never = new AbortController().signal;
const limits = { timeoutMs: 120_000 };
const env = { PATH: process.env['PATH'], KUBECONFIG: '/home/me/.kube/production' };

describe('a program of the rehearsal', () => {
  it("does not see the user's own kubeconfig", async () => {
    const run = createRun({ env, signal: never });
    expect(await run(['sh', '-c', 'echo "$KUBECONFIG"'], limits)).toBe('/dev/null/no-kubeconfig');
  });

  it('that is missing is named, with the remedy', async () => {
    const run = createRun({ env, signal: never });
    await expect(run(['no-such-kind', 'version'], limits)).rejects.toThrow(
      'no-such-kind is missing: install it, or rehearse with --backend sim or --backend lab',
    );
  });

  it('that fails is reported with its output', async () => {
    const run = createRun({ env, signal: never });
    await expect(run(['sh', '-c', 'echo no such image >&2; exit 1'], limits)).rejects.toThrow('no such image');
  });

  it('that fails with much output is reported by its first words and its last lines', async () => {
    const run = createRun({ env, signal: never });
    const failing = run(['sh', '-c', 'seq 400; echo reason >&2; exit 3'], limits);
    await expect(failing).rejects.toThrow(/^`sh -c seq 400; .*` failed \(exit code 3\):\n(?: {2}\d+\n){11} {2}reason$/);
  });

  it('ends with an interruption, unless it cleans up', async () => {
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    const run = createRun({ env, signal: interrupted });
    await expect(run(['sleep', '60'], limits)).rejects.toThrow('interrupted');
    expect(await run(['echo', 'tidy'], { ...limits, always: true })).toBe('tidy');
  });
});

it('a minor of Kubernetes that kind does not have is refused before anything is created', async () => {
  const place = {
    entryPoint: 'cli',
    tell: () => undefined,
    signal: never,
    logs: '/none',
    env: { PATH: '/none' },
  } as const;
  const conditions = { mesh: undefined, release: {}, faults: [], config: {} } as never;
  await expect(kindBackend(conditions, { ...place, kubernetes: '1.12' })).rejects.toThrow(
    'kind has no Kubernetes 1.12, only 1.37, 1.36, 1.35, 1.34',
  );
});

it.for([
  { options: { kubernetes: '1.34' }, says: 'kind has no Kubernetes 1.34, only 1.36' },
  {
    options: { hop: parseHop('1.29.6..1.31.0') },
    says: 'without a registry there is no Istio 1.29.6, only 1.30.4 and 1.31.0',
  },
])('in our own engine $options is refused before anything is made', async ({ options, says }) => {
  const place = { entryPoint: 'cli', tell: () => undefined, signal: never, logs: '/none' } as const;
  const conditions = { mesh: undefined, release: {}, faults: [], config: {} } as never;
  const own = { PATH: '/none', [INSIDE]: '1' };
  await expect(kindBackend(conditions, { ...place, env: own, ...options })).rejects.toThrow(says);
});

describe('a hop', () => {
  it('names two releases and their revisions', () => {
    expect(parseHop('1.29.2..1.31.0')).toEqual({
      from: { version: '1.29.2', revision: '1-29-2' },
      to: { version: '1.31.0', revision: '1-31-0' },
    });
  });
  it.for(['1.31.0', '1.30..1.31', '1.31.0..1.31.0', ''])('is not read from "%s"', (text) => {
    expect(() => parseHop(text)).toThrow('two releases like 1.30.4..1.31.0');
  });
});
