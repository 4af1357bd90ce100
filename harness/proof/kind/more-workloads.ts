import { manifestNamespaces, scriptsIn } from './manifests.ts';

/** A workload that a scenario has in addition to those of the manifests. */
export interface MoreWorkload {
  namespace: string;
  name: string;
  kind: string;
  replicas: number;
  strategy: 'RollingUpdate' | 'Recreate' | 'OnDelete';
  annotations: Readonly<Record<string, string>>;
  /** Whether its pods wait before they stop. */
  waits: boolean;
  /** Why its pods are never ready: the application crashes repeatedly, or no node takes them. */
  sick?: 'crashes' | 'no-node' | undefined;
}

/** Namespaces, scripts and workloads. Each serves app.mjs on 8080, as those of the manifests do; no client calls them. */
export function moreObjects(workloads: readonly MoreWorkload[]): readonly object[] {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  const made = manifestNamespaces();
  return [
    ...namespaces
      .filter((name) => !made.includes(name))
      .map((name) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'istio.io/rev': 'default' } },
      })),
    ...namespaces.map(scriptsIn),
    ...workloads.map(workloadObject),
  ];
}

/** No node has it. */
const noNode = { 'example.org/no-such-node': 'true' };
/** Ends soon after it has started, but not before its proxy has. */
const crash = ['node', '--eval', 'setTimeout(() => process.exit(1), 2000)'];

function workloadObject({ namespace, name, kind, replicas, strategy, annotations, waits, sick }: MoreWorkload): object {
  const way = kind === 'Deployment' ? 'strategy' : 'updateStrategy';
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      ...(kind !== 'DaemonSet' && { replicas }),
      ...(kind === 'StatefulSet' && { serviceName: name }),
      [way]: { type: strategy },
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: {
          ...(sick === 'no-node' && { nodeSelector: noNode }),
          containers: [
            {
              name: 'app',
              image: 'docker.io/library/node:24.21.0-alpine',
              command: sick === 'crashes' ? crash : ['node', '/scripts/app.mjs'],
              env: [{ name: 'DRAIN_MS', value: '0' }],
              ...(waits && { lifecycle: { preStop: { sleep: { seconds: 6 } } } }),
              readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
              resources: { requests: { cpu: '10m', memory: '48Mi' } },
              volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
            },
          ],
          volumes: [{ name: 'scripts', configMap: { name: 'scripts' } }],
        },
      },
    },
  };
}
