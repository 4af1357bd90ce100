import type { Revision } from '../../model/revision.ts';
import { revisionSuffix } from '../../model/revision.ts';
import { type Settings, settingsOf, type Values } from '../../model/values.ts';
import type { Pod } from '../../ports/objects.ts';
import { statusAnnotation } from '../observe/pod-facts.ts';

type Rich = Values & {
  name: string;
  restartPolicy?: string;
  image?: string;
  args?: readonly string[];
  resources?: Values;
  securityContext?: Values & { capabilities?: { add?: readonly string[]; drop?: readonly string[] } };
  ports?: readonly { name?: string; containerPort: number; protocol?: string }[];
  env?: readonly { name: string; value?: string; valueFrom?: Values }[];
  volumeMounts?: readonly { name: string; mountPath: string; readOnly?: boolean }[];
};

/** A list is one setting. */
const whole = ['command', 'args', 'envFrom'] as const;
const nested = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;

/** Differ from pod to pod, not from revision to revision. */
const ofPod: ReadonlySet<string> = new Set(['ISTIO_META_OWNER', 'ISTIO_META_WORKLOAD_NAME', 'POD_NAMESPACE']);
const marks: ReadonlySet<string> = new Set([statusAnnotation, 'istio.io/rev', 'sidecar.istio.io/inject']);
/** Made by the API server for each pod anew. */
const tokenVolume = /^kube-api-access-/;

/**
 * What of a pod an injector may decide, by path: `containers.istio-proxy.requests.cpu`. The name of the revision is left out of every
 * value, and so are the defaults that the API server writes.
 */
export function podSettings({ metadata, spec }: Pod, revision: Revision): Settings {
  const {
    containers,
    initContainers = [],
    volumes = [],
    ...rest
  } = spec as unknown as Values & {
    containers: readonly Rich[];
    initContainers?: readonly Rich[];
    volumes?: readonly ({ name: string } & Values)[];
  };
  const { securityContext, dnsConfig, hostNetwork, shareProcessNamespace } = rest;
  const entries: [string, unknown][] = [
    ...containers.flatMap((container) => containerSettings(container, 'container')),
    ...initContainers.flatMap((container) =>
      containerSettings(container, container.restartPolicy === 'Always' ? 'native sidecar' : 'init container'),
    ),
    ...volumes
      .filter(({ name }) => !tokenVolume.test(name))
      .map(({ name, ...what }): [string, unknown] => [`volumes.${name}`, withoutDefaults(what)]),
    ...Object.entries(metadata.annotations ?? {}).map(([key, value]): [string, unknown] => [
      `annotations.${key}`,
      value,
    ]),
    ...Object.entries(metadata.labels ?? {}).map(([key, value]): [string, unknown] => [`labels.${key}`, value]),
    ...settingsOf({ pod: { securityContext, dnsConfig, hostNetwork, shareProcessNamespace } }),
  ].filter(([path]) => !marks.has(path.slice(path.indexOf('.') + 1)));
  const istiod = `istiod${revisionSuffix(revision)}`;
  return new Map(
    entries.map(([path, value]) => [
      path,
      (path.startsWith('pod.') ? String(value) : JSON.stringify(value)).replaceAll(istiod, 'istiod'),
    ]),
  );
}

function containerSettings(container: Rich, kind: string): [string, unknown][] {
  const { name, image, resources = {}, securityContext = {}, ports = [], env = [], volumeMounts = [] } = container;
  const { capabilities = {}, ...security } = securityContext;
  const at = (path: string, value: unknown): [string, unknown] => [`containers.${name}.${path}`, value];
  return [
    at('kind', kind),
    at('image', image),
    ...[...settingsOf(resources)].map(([path, value]) => at(path, JSON.parse(value))),
    ...(capabilities.add ?? []).map((capability) => at(`capabilities.${capability}`, 'add')),
    ...(capabilities.drop ?? []).map((capability) => at(`capabilities.drop.${capability}`, 'drop')),
    ...[...settingsOf(security)].map(([path, value]) => at(`securityContext.${path}`, JSON.parse(value))),
    ...ports.map(({ name: called, containerPort, protocol = 'TCP' }) =>
      at(`ports.${containerPort}/${protocol}`, called ?? ''),
    ),
    ...env
      .filter((each) => !ofPod.has(each.name))
      .map((each) =>
        at(
          `env.${each.name}`,
          each.valueFrom === undefined ? (each.value?.trim() ?? '') : withoutDefaults(each.valueFrom),
        ),
      ),
    ...volumeMounts
      .filter((mount) => !tokenVolume.test(mount.name))
      .map(({ name: volume, mountPath, readOnly = false }) =>
        at(`mounts.${mountPath}`, readOnly ? `${volume}, read-only` : volume),
      ),
    ...whole.flatMap((key) => (container[key] === undefined ? [] : [at(key, container[key])])),
    ...nested.flatMap((key) =>
      [...settingsOf({ [key]: withoutDefaults(container[key]) })].map(([path, value]) => at(path, JSON.parse(value))),
    ),
  ];
}

/** What the API server adds to what a template leaves out. */
const defaults: Readonly<Record<string, unknown>> = {
  apiVersion: 'v1',
  divisor: '0',
  defaultMode: 420,
  scheme: 'HTTP',
  successThreshold: 1,
  failureThreshold: 3,
  periodSeconds: 10,
  timeoutSeconds: 1,
};

/** With the keys in the order of their names. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => defaults[key] !== child)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, withoutDefaults(child)]),
  );
}
