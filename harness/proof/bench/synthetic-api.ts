import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How big a cluster to pretend. Ten pods a Deployment, as many Deployments a namespace as asked. */
export interface SyntheticSize {
  pods: number;
  namespaces: number;
}

const podsEach = 10;
export const oldRevision = '1-30-4';
export const newRevision = '1-31-0';
type Revision = typeof oldRevision | typeof newRevision;

/**
 * Lists and watches of a big mesh over HTTP, with objects as big as real ones, made while they are sent: nothing of it is
 * held. Answers no write.
 */
export class SyntheticApi {
  readonly #size: SyntheticSize;
  readonly #server: Server;
  readonly #podWatches = new Set<ServerResponse>();
  readonly #watched = Promise.withResolvers<void>();
  #version = 1_000_000;

  constructor(size: SyntheticSize) {
    this.#size = size;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Replaces pods, or all, by those of the new revision: created, changed twice on the way to readiness, and the old one gone. */
  async replacePods(from = 0, to = this.#size.pods): Promise<void> {
    // The list is read before the watch is opened; what happens in between would be told by a real server later.
    await this.#watched.promise;
    for (let index = from; index < to; index++) {
      const created = (version: number) => pod(index, this.#size, newRevision, version);
      const events = [
        { type: 'ADDED', object: created(++this.#version) },
        { type: 'MODIFIED', object: created(++this.#version) },
        { type: 'MODIFIED', object: created(++this.#version) },
        { type: 'DELETED', object: pod(index, this.#size, oldRevision, ++this.#version) },
      ];
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      for (const watch of this.#podWatches)
        if (!watch.write(text)) await new Promise<void>((resolve) => watch.once('drain', resolve));
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://synthetic');
    const plural = url.pathname.split('/').at(-1) ?? '';
    response.setHeader('content-type', 'application/json');
    if (/^\/apis\/[^/]+\/[^/]+$/.test(url.pathname)) {
      // Of resources that only some clusters have, it has none.
      response.end(JSON.stringify({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: plural, resources: [] }));
      return;
    }
    if (url.searchParams.has('watch')) {
      response.flushHeaders();
      if (plural === 'pods') {
        this.#podWatches.add(response);
        this.#watched.resolve();
      }
      response.once('close', () => this.#podWatches.delete(response));
      return;
    }
    const { count, make } = this.#list(plural);
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = Math.min(count, from + Number(url.searchParams.get('limit') ?? count));
    const items = Array.from({ length: to - from }, (_, index) => make(from + index));
    const metadata = { resourceVersion: '1000000', ...(to < count ? { continue: String(to) } : {}) };
    response.end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata, items }));
  }

  #list(plural: string): { count: number; make: (index: number) => object } {
    switch (plural) {
      case 'pods':
        return { count: this.#size.pods, make: (index) => pod(index, this.#size, oldRevision, 1 + index) };
      case 'deployments':
        return { count: this.#size.pods / podsEach, make: (index) => deployment(index, this.#size) };
      case 'namespaces':
        return { count: this.#size.namespaces, make: namespace };
      case 'mutatingwebhookconfigurations':
        return { count: 1, make: tagWebhook };
      default:
        return { count: 0, make: () => ({}) };
    }
  }
}

const namespaceOf = (owner: number, { namespaces }: SyntheticSize) =>
  `app-${String(owner % namespaces).padStart(4, '0')}`;

function managedFields(manager: string, fields: number): object[] {
  const names = Array.from({ length: fields }, (_, index) => [
    `f:field-of-the-object-${index}`,
    { '.': {}, 'f:name': {} },
  ]);
  return [
    {
      manager,
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-11-22T21:41:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: Object.fromEntries(names),
    },
  ];
}

/** As the injector writes it. */
const sidecarStatus = (revision: string) =>
  JSON.stringify({
    initContainers: ['istio-init', 'istio-proxy'],
    containers: null,
    volumes: [
      'workload-socket',
      'credential-socket',
      'workload-certs',
      'istio-envoy',
      'istio-data',
      'istio-podinfo',
      'istio-token',
      'istiod-ca-cert',
    ],
    imagePullSecrets: null,
    revision,
  });

/** What a pod is called before and after it is replaced, and its workload. */
export function podNames(index: number, size: SyntheticSize) {
  const owner = Math.floor(index / podsEach);
  const workload = `service-${owner}`;
  const named = (hash: string) => ({
    hash,
    name: `${workload}-${hash}-${(index % 46_656).toString(36).padStart(5, 'x')}`,
  });
  return {
    owner,
    workload,
    namespace: namespaceOf(owner, size),
    [oldRevision]: named('5b8f9d7c6b'),
    [newRevision]: named('7d9c6b5f4d'),
  };
}

function pod(index: number, size: SyntheticSize, revision: Revision, version: number): object {
  const { owner, workload: name, namespace, [revision]: own } = podNames(index, size);
  const { hash } = own;
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      name: own.name,
      generateName: `${name}-${hash}-`,
      namespace,
      uid: `${revision}-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(version),
      creationTimestamp: '2026-11-22T21:41:00Z',
      labels: {
        app: name,
        'app.kubernetes.io/name': name,
        'app.kubernetes.io/version': '1.0',
        'pod-template-hash': hash,
        'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': name,
        'service.istio.io/canonical-revision': '1.0',
      },
      annotations: {
        'istio.io/rev': revision,
        'kubectl.kubernetes.io/default-container': name,
        'kubectl.kubernetes.io/default-logs-container': name,
        'kubectl.kubernetes.io/restartedAt': '2026-11-22T21:41:00Z',
        'prometheus.io/path': '/stats/prometheus',
        'prometheus.io/port': '15020',
        'prometheus.io/scrape': 'true',
        'sidecar.istio.io/status': sidecarStatus(revision),
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${name}-${hash}`,
          uid: `00000000-0000-4000-8000-${owner}`,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: managedFields('kube-controller-manager', 40),
    },
  };
}

function deployment(index: number, size: SyntheticSize): object {
  const name = `service-${index}`;
  const labels = { app: name };
  return {
    metadata: {
      name,
      namespace: namespaceOf(index, size),
      uid: `00000000-0000-4000-9000-${index}`,
      resourceVersion: String(1 + index),
      generation: 3,
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '3' },
      managedFields: managedFields('helm', 40),
    },
    spec: {
      replicas: podsEach,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        metadata: {
          labels: { ...labels, 'app.kubernetes.io/version': '1.0' },
          annotations: { 'checksum/config': 'a'.repeat(64) },
        },
        spec: {
          containers: [
            {
              name,
              image: `registry.example/${name}:1.0`,
              env: Array.from({ length: 20 }, (_, each) => ({
                name: `SETTING_${each}`,
                value: `value of setting ${each}`,
              })),
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
              ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
            },
          ],
        },
      },
    },
    status: {
      observedGeneration: 3,
      replicas: podsEach,
      updatedReplicas: podsEach,
      readyReplicas: podsEach,
      availableReplicas: podsEach,
    },
  };
}

const namespace = (index: number): object => ({
  metadata: {
    name: `app-${String(index).padStart(4, '0')}`,
    resourceVersion: String(1 + index),
    labels: { 'istio.io/rev': 'default' },
    managedFields: managedFields('helm', 4),
  },
  status: { phase: 'Active' },
});

const tagWebhook = (): object => ({
  metadata: {
    name: 'istio-revision-tag-default',
    resourceVersion: '1',
    labels: { 'istio.io/tag': 'default', 'istio.io/rev': oldRevision },
  },
  webhooks: [
    {
      name: 'rev.namespace.sidecar-injector.istio.io',
      clientConfig: { service: { name: `istiod-${oldRevision}`, namespace: 'istio-system' }, caBundle: 'Y2E=' },
      namespaceSelector: { matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['default'] }] },
      objectSelector: {},
      failurePolicy: 'Fail',
    },
  ],
});
