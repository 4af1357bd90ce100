import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from './api-client.ts';
import { type Credentials, makeCredentials, renderKubeconfig } from './credentials.ts';
import { readPortForwardCrd, renderKwokConfig } from './kwok-config.ts';
import type { LabSize } from './lab-size.ts';
import type { LoggedProcess, ProcessStart } from './logged-process.ts';
import type { KubernetesRelease } from './modules.ts';
import { ADDRESSES } from './network.ts';
import { labFiles } from './places.ts';
import { waitUntil } from './wait-until.ts';

const ETCD = 'http://127.0.0.1:2379';
const SERVER = `https://${ADDRESSES.api}`;
const DEADLINE_MS = 90_000;

export interface ControlPlaneOptions {
  stateDir: string;
  binaries: string;
  kubernetes: KubernetesRelease;
  /** Starts a process and remembers it for the end. */
  start(process: Omit<ProcessStart, 'logs'>): LoggedProcess;
  size: LabSize;
}

/** Starts etcd, the API server and its controllers, kwok and its nodes; resolves when the nodes are Ready. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ApiClient> {
  const { stateDir, binaries, kubernetes, start, size } = options;
  const credentials = makeCredentials(stateDir);
  const { kubeconfig } = labFiles(stateDir);
  const binary = (name: string) => join(binaries, kubernetes.name, name);

  const etcd = start({ name: 'etcd', file: binary('server'), args: etcdArgs(stateDir) });
  await answers(etcd, async () => (await fetch(`${ETCD}/health`)).ok);

  const server = start({
    name: 'kube-apiserver',
    file: binary('kube-apiserver'),
    args: [...apiServerArgs(credentials), ...(size.audit ? auditArgs(stateDir) : [])],
  });
  await answers(server, () => existsSync(credentials.ca));
  writeFileSync(kubeconfig, renderKubeconfig(SERVER, credentials), { mode: 0o600 });
  const api = new ApiClient({ server: SERVER, token: credentials.token, ca: readFileSync(credentials.ca, 'utf8') });
  await answers(server, async () => {
    await api.expectReady();
    return true;
  });

  start({
    name: 'kube-controller-manager',
    file: binary('kube-controller-manager'),
    args: controllerManagerArgs(kubeconfig, credentials),
  });
  start({
    name: 'kube-scheduler',
    file: binary('kube-scheduler'),
    args: [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--kube-api-qps=500', '--kube-api-burst=1000'],
  });
  await startNodes(options, api, credentials);
  return api;
}

async function startNodes(options: ControlPlaneOptions, api: ApiClient, { pki }: Credentials) {
  const { stateDir, binaries, kubernetes, start, size } = options;
  const assets = join(binaries, 'kwok');
  const config = join(stateDir, 'kwok.yaml');
  writeFileSync(config, renderKwokConfig(assets));
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', readPortForwardCrd(assets));
  const kwok = start({
    name: 'kwok',
    file: join(assets, 'kwok'),
    args: kwokArgs(labFiles(stateDir).kubeconfig, config, pki),
  });
  for (let number = 1; number <= size.nodes; number += 1)
    await api.post('/api/v1/nodes', node(`node-${number}`, kubernetes.version, size.podsPerNode));
  await answers(kwok, async () => {
    const { items } = await api.get<NodeList>('/api/v1/nodes');
    const isReady = ({ status }: NodeList['items'][number]) =>
      (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
    return items.length === size.nodes && items.every(isReady);
  });
}

interface NodeList {
  items: { status: { conditions?: { type: string; status: string }[] } }[];
}

/** Polls while the process lives. A probe that throws means "not yet"; its last words are told when time is up. */
async function answers(process: LoggedProcess, probe: () => Promise<boolean> | boolean): Promise<void> {
  let lastError = '';
  const check = async () => {
    const ending = process.ending();
    if (ending !== undefined) throw new Error(ending);
    try {
      return await probe();
    } catch (error) {
      lastError = String(error);
      return false;
    }
  };
  try {
    await waitUntil(`the readiness of ${process.name}`, check, { deadlineMs: DEADLINE_MS, everyMs: 50 });
  } catch (cause) {
    throw new Error(`${process.name} did not become ready: ${lastError || String(cause)}`, { cause });
  }
}

const etcdArgs = (stateDir: string) => [
  ...['--data-dir', join(stateDir, 'etcd')],
  ...['--listen-client-urls', ETCD, '--advertise-client-urls', ETCD],
  ...['--listen-peer-urls', 'http://127.0.0.1:2380'],
  // The data is thrown away with the lab.
  '--unsafe-no-fsync',
];

const apiServerArgs = ({ pki, tokens }: Credentials) => [
  `--etcd-servers=${ETCD}`,
  `--cert-dir=${pki}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=10.0.0.1',
  '--secure-port=6443',
  '--service-cluster-ip-range=10.96.0.0/16',
  `--token-auth-file=${tokens}`,
  '--authorization-mode=RBAC',
  // Nothing plays kube-proxy: webhook calls must go to the endpoint's address.
  '--enable-aggregator-routing=true',
  // It taints new nodes, and the controller that takes the taint away is off.
  '--disable-admission-plugins=TaintNodesByCondition',
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(pki, 'sa.pub')}`,
  `--service-account-signing-key-file=${join(pki, 'sa.key')}`,
  '--allow-privileged=true',
  '--max-requests-inflight=2000',
  '--max-mutating-requests-inflight=1000',
];

/** A line for each request: user, verb, path, time and status; neither what was sent nor what was answered. */
function auditArgs(stateDir: string): string[] {
  const { auditPolicy, auditLog } = labFiles(stateDir);
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  };
  writeFileSync(auditPolicy, JSON.stringify(policy));
  // In megabytes. One file, however long: at the default of 100 another one is begun.
  return [`--audit-policy-file=${auditPolicy}`, `--audit-log-path=${auditLog}`, '--audit-log-maxsize=100000'];
}

const controllerManagerArgs = (kubeconfig: string, { pki, ca }: Credentials) => [
  `--kubeconfig=${kubeconfig}`,
  `--service-account-private-key-file=${join(pki, 'sa.key')}`,
  `--root-ca-file=${ca}`,
  '--use-service-account-credentials=false',
  '--leader-elect=false',
  '--kube-api-qps=500',
  '--kube-api-burst=1000',
  '--concurrent-deployment-syncs=20',
  '--concurrent-replicaset-syncs=20',
  '--concurrent-endpoint-syncs=20',
  '--concurrent-service-endpoint-syncs=20',
  '--controllers=*,-node-lifecycle-controller,-node-ipam-controller',
];

const kwokArgs = (kubeconfig: string, config: string, pki: string) => [
  `--kubeconfig=${kubeconfig}`,
  `--config=${config}`,
  '--manage-all-nodes=true',
  '--cidr=10.244.0.0/17',
  `--node-ip=${ADDRESSES.node}`,
  '--node-port=10247',
  `--server-address=${ADDRESSES.node}:10247`,
  `--tls-cert-file=${join(pki, 'apiserver.crt')}`,
  `--tls-private-key-file=${join(pki, 'apiserver.key')}`,
  '--enable-crds=PortForward',
];

function node(name: string, version: string, pods: number) {
  const room = { cpu: '64', memory: '512Gi', pods: String(pods) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { type: 'kwok', 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name } },
    // istiod chooses native sidecars by the kubelet's version.
    status: { allocatable: room, capacity: room, nodeInfo: { kubeletVersion: `v${version}` } },
  };
}
