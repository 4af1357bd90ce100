import { describe, expect, it } from 'vitest';
import { podDifferences } from '../../src/checks/pod-differences.ts';
import { podSettings } from '../../src/mesh/probe/pod-settings.ts';
import type { Pod } from '../../src/ports/objects.ts';

type Part = Readonly<Record<string, unknown>>;
interface Parts {
  containers?: readonly Part[];
  initContainers?: readonly Part[];
  volumes?: readonly Part[];
  annotations?: Readonly<Record<string, string>>;
}

const app = { name: 'app', image: 'app:1' };
const podOf = ({ containers = [], initContainers = [], volumes = [], annotations = {} }: Parts): Pod =>
  ({
    metadata: { name: 'web', namespace: 'shop', annotations },
    spec: { containers: [app, ...containers], initContainers, volumes },
  }) as unknown as Pod;
const between = (from: Parts, to: Parts) =>
  podDifferences(podSettings(podOf(from), '1-30-4'), podSettings(podOf(to), '1-31-0'));

const proxy = { name: 'istio-proxy', image: 'proxyv2:1' };
const init = { name: 'istio-init', image: 'proxyv2:1' };
const env = (name: string, value: string) => ({ name, value });
const asks = (...add: string[]) => ({ securityContext: { capabilities: { add, drop: ['ALL'] } } });

describe('what differs between two pods', () => {
  it.for<{ what: string; from: Parts; to: Parts; says: readonly string[] }>([
    { what: 'nothing', from: { containers: [proxy] }, to: { containers: [proxy] }, says: [] },
    {
      what: 'a sidecar that becomes native',
      from: { containers: [proxy] },
      to: { initContainers: [{ ...proxy, restartPolicy: 'Always' }] },
      says: ['istio-proxy becomes a native sidecar (container before)'],
    },
    {
      what: 'one that is native no longer',
      from: { initContainers: [{ ...proxy, restartPolicy: 'Always' }] },
      to: { containers: [proxy] },
      says: ['istio-proxy becomes a container (native sidecar before)'],
    },
    {
      what: 'the same image of two containers, told once',
      from: { containers: [proxy], initContainers: [init] },
      to: {
        containers: [{ ...proxy, image: 'proxyv2:2' }],
        initContainers: [{ ...init, image: 'proxyv2:2' }],
      },
      says: ['istio-init and istio-proxy: image proxyv2:1 -> proxyv2:2'],
    },
    {
      what: 'a request',
      from: { containers: [{ ...proxy, resources: { requests: { cpu: '20m' } } }] },
      to: { containers: [{ ...proxy, resources: { requests: { cpu: '100m' } } }] },
      says: ['istio-proxy: requests.cpu 20m -> 100m'],
    },
    {
      what: 'istio-init that gives way to the check of istio-cni',
      from: { containers: [proxy], initContainers: [{ ...init, ...asks('NET_ADMIN') }] },
      to: { containers: [proxy], initContainers: [{ name: 'istio-validation', image: 'proxyv2:1', ...asks() }] },
      says: [
        'istio-init is no longer there (init container)',
        'istio-validation is added (init container)',
        'NET_ADMIN no longer asked for by istio-init',
      ],
    },
    {
      what: 'a capability that is asked for',
      from: { initContainers: [{ ...init, ...asks('NET_ADMIN') }] },
      to: { initContainers: [{ ...init, ...asks('NET_ADMIN', 'NET_RAW') }] },
      says: ['NET_RAW asked for by istio-init'],
    },
    {
      what: 'variables, and none for the name of the revision or what belongs to one pod',
      from: {
        containers: [
          {
            ...proxy,
            env: [
              env('CA_ADDR', 'istiod-1-30-4.istio-system.svc:15012'),
              env('A', 'x'),
              env('ISTIO_META_OWNER', 'one'),
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
          },
        ],
      },
      to: {
        containers: [
          {
            ...proxy,
            env: [
              env('CA_ADDR', 'istiod-1-31-0.istio-system.svc:15012'),
              env('B', 'y'),
              env('ISTIO_META_OWNER', 'two'),
              { name: 'POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
            ],
          },
        ],
      },
      says: ['istio-proxy: env A x -> none', 'istio-proxy: env B none -> y'],
    },
    {
      what: 'ports, mounts, volumes, probes and annotations, without the defaults that the API server writes',
      from: {
        containers: [
          {
            ...proxy,
            ports: [{ containerPort: 15090, name: 'prom' }],
            readinessProbe: { httpGet: { path: '/ready', port: 15021 }, periodSeconds: 15 },
          },
        ],
        volumes: [{ name: 'kube-api-access-x1' }, { name: 'data', emptyDir: {} }],
        annotations: { 'istio.io/rev': '1-30-4' },
      },
      to: {
        containers: [
          {
            ...proxy,
            ports: [
              { containerPort: 15090, name: 'prom', protocol: 'TCP' },
              { containerPort: 15020, name: 'http' },
            ],
            readinessProbe: { httpGet: { path: '/ready', port: 15021, scheme: 'HTTP' }, periodSeconds: 20 },
            volumeMounts: [{ name: 'crl', mountPath: '/crl' }],
          },
        ],
        volumes: [
          { name: 'kube-api-access-y2' },
          { name: 'data', emptyDir: {} },
          { name: 'crl', configMap: { name: 'crl', defaultMode: 420 } },
        ],
        annotations: { 'istio.io/rev': '1-31-0', 'prometheus.io/port': '15020' },
      },
      says: [
        'istio-proxy: port 15020/TCP none -> http',
        'volume crl none -> {"configMap":{"name":"crl"}}',
        'istio-proxy: readinessProbe.periodSeconds 15 -> 20',
        'istio-proxy: mount /crl none -> crl',
        'annotation prometheus.io/port none -> 15020',
      ],
    },
    {
      what: 'the place where two long lists differ',
      from: {
        containers: [
          { ...proxy, args: ['proxy', 'sidecar', '--domain=svc.cluster.local', '--concurrency=2', '--level=a'] },
        ],
      },
      to: {
        containers: [
          { ...proxy, args: ['proxy', 'sidecar', '--domain=svc.cluster.local', '--concurrency=2', '--level=b'] },
        ],
      },
      says: ['istio-proxy: args ...urrency=2","--level=a"] -> ...urrency=2","--level=b"]'],
    },
    {
      what: 'a password, without its value',
      from: { containers: [{ ...proxy, env: [env('PASSWORD', 'a')] }] },
      to: { containers: [{ ...proxy, env: [env('PASSWORD', 'b')] }] },
      says: ['istio-proxy: env PASSWORD (not shown) -> (not shown)'],
    },
  ])('is told: $what', ({ from, to, says }) => {
    expect([...between(from, to)].toSorted()).toEqual([...says].toSorted());
  });

  it('is told with what decides most first', () => {
    const from = { containers: [{ ...proxy, env: [env('A', 'x')], resources: { limits: { cpu: '1' } } }] };
    const to = {
      initContainers: [{ ...proxy, restartPolicy: 'Always', image: 'proxyv2:2', resources: { limits: { cpu: '2' } } }],
    };
    expect(between(from, to).map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'istio-proxy becomes',
      'istio-proxy: image',
      'istio-proxy: limits.cpu',
      'istio-proxy: env',
    ]);
  });
});
