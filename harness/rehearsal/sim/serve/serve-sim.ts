import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import type { Sim } from '../create-sim.ts';
import { HttpFront } from './http-front.ts';
import { istioctlScript } from './istioctl-script.ts';
import { Pace } from './pace.ts';

export interface ServeOptions {
  /** Where kubeconfig and istioctl are written; made when it is not there. */
  folder: string;
  /** Virtual seconds in a real one. */
  speed?: number;
  /** Left out: a free one. */
  port?: number;
  /** The release of `istioctl`. */
  version?: string;
  /** Closes it. */
  signal?: AbortSignal;
}

/** A simulator that other processes can talk to. */
export interface ServedSim {
  /** For faults and looks. Its time runs by itself: `run`, `advance` and `settle` throw until this is closed. */
  sim: Sim;
  url: string;
  /** A file. */
  kubeconfig: string;
  /** What the kubeconfig holds and no log may show. */
  token: string;
  /** An executable file named `istioctl`, of the release asked for. */
  istioctl: string;
  /** The same of another release. */
  istioctlOf(version: string): string;
  /** For NODE_OPTIONS of the product's process: lets its own clock run as fast as this one. */
  nodeOptions: string;
  /** Requests to the API server so far. */
  requests(): number;
  /** Ends every connection and stops virtual time. */
  close(): Promise<void>;
}

/** Serves a simulator over HTTP on 127.0.0.1, its virtual time running at a steady pace. */
export async function serveSim(sim: Sim, options: ServeOptions): Promise<ServedSim> {
  const { folder, speed = 1, port = 0, version = '1.31.0', signal } = options;
  signal?.throwIfAborted();
  const token = `sim-${randomBytes(16).toString('hex')}`;
  const pace = new Pace(sim.clock, speed);
  const front = await HttpFront.listen({ sim, pace, token, port }).catch(async (failure: unknown) => {
    await pace.stop();
    throw failure;
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= front.close().then(() => pace.stop());
    return closed;
  };
  signal?.addEventListener('abort', () => void close(), { once: true });

  const url = `http://127.0.0.1:${front.port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const istioctlOf = (release: string) => {
    const place = join(folder, `istioctl-${release}`);
    mkdirSync(place, { recursive: true });
    const file = join(place, 'istioctl');
    writeFileSync(file, istioctlScript({ port: front.port, token, version: release }), { mode: 0o700 });
    return file;
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(kubeconfig, kubeconfigText(url, token), { mode: 0o600 });
  return {
    sim,
    url,
    kubeconfig,
    token,
    istioctl: istioctlOf(version),
    istioctlOf,
    nodeOptions: `--import=${pathToFileURL(join(import.meta.dirname, 'hasten-process.ts')).href}?speed=${speed}`,
    requests: () => front.requests,
    close,
  };
}

function kubeconfigText(server: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sim',
    // The product sends a token over plain http only where this says that it is intended.
    clusters: [{ name: 'sim', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'upgrader', user: { token } }],
    contexts: [{ name: 'sim', context: { cluster: 'sim', user: 'upgrader' } }],
  });
}
