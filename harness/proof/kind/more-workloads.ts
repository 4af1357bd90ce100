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
}

/** Namespaces, scripts and workloads. Each serves app.mjs on 8080, as those of the manifests do; no client calls them. */
export function moreObjects(
  workloads: readonly MoreWorkload[],
  scripts: (namespace: string) => object,
): readonly object[] {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  return [
    ...namespaces.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'istio.io/rev': 'default' } },
    })),
    ...namespaces.map(scripts),
    ...workloads.map(workloadObject),
  ];
}

function workloadObject({ namespace, name, kind, replicas, strategy, annotations, waits }: MoreWorkload): object {
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
          containers: [
            {
              name: 'app',
              image: 'docker.io/library/node:24.21.0-alpine',
              command: ['node', '/scripts/app.mjs'],
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
