import { setTimeout as sleep } from 'node:timers/promises';
import { loadTransport } from '../../../src/kubernetes/client-transport.ts';
import type { TransportRequest } from '../../../src/kubernetes/transport.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { type ContractBackend, openWatch, parseBody } from './backend.ts';

const RequestMs = 40_000;

/** Runs inside the lab's network, where etcd listens; it answers JSON too. */
const CompactScript = `
const post = async (path, body) => (await fetch('http://127.0.0.1:2379/v3/kv/' + path, { method: 'POST', body: JSON.stringify(body) })).json();
const { header } = await post('range', { key: btoa('x') });
await post('compaction', { revision: header.revision, physical: true });
`;

export interface LabBackend extends ContractBackend {
  lab: Lab;
}

/** The real API server, controllers and kwok of a lab of its own, without a mesh. */
export async function labBackend(options: { tell?: (line: string) => void } = {}): Promise<LabBackend> {
  const lab = await startLab(options);
  const reach = await lab.reach();
  const { transport } = loadTransport({ kubeconfig: reach.kubeconfig, env: {} });
  const request = (
    method: TransportRequest['method'],
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => transport.send({ method, path, headers, signal, ...(body === undefined ? {} : { body }) });
  const send: ContractBackend['send'] = async (method, path, body, headers) => {
    const response = await request(method, path, body, headers, AbortSignal.timeout(RequestMs));
    return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
  };
  return {
    name: 'lab',
    lab,
    send,
    watch: (path, headers) => openWatch((signal) => request('GET', path, undefined, headers, signal)),
    sleep: async (ms) => {
      await sleep(ms);
    },
    now: () => Date.now(),
    async compact() {
      await lab.exec(process.execPath, ['--input-type=module', '-e', CompactScript], { timeout: 20_000 });
    },
    async untilUsable(namespace) {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
      await waitUntil(
        `the service account of ${namespace}`,
        async () => (await send('GET', path, undefined, {})).status === 200,
        { deadlineMs: 20_000, everyMs: 20 },
      );
    },
    async close() {
      reach.close();
      await lab.stop();
    },
  };
}
