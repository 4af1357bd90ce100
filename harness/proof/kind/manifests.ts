import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { DEFAULT_HOP, injectionLabel, type Release } from '../lab/hop.ts';
import { type ImageSource, registryImages } from './image-source.ts';

/** What is installed in a cluster, as it lies in `manifests/`. */

const folder = join(import.meta.dirname, 'manifests');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Readonly<Record<string, string>> };
}

interface WorkloadObject extends KubernetesObject {
  spec: {
    replicas?: number;
    template: { spec: { containers: readonly { image: string; env?: readonly { name: string; value: string }[] }[] } };
  };
}

const objectsOf = (file: string): readonly KubernetesObject[] => documents(read(file));

const documents = (text: string): readonly KubernetesObject[] =>
  parseAllDocuments(text, { merge: true })
    .map((document) => document.toJS() as KubernetesObject & { items?: readonly KubernetesObject[] })
    .flatMap((object) => (object.kind === 'List' ? (object.items ?? []) : [object]));

/** Puts rules where the manifest has a line for them. */
function withRelabeling(text: string, rules: readonly string[]): string {
  const line = /^( *)# MORE RULES\n/m;
  if (!line.test(text)) throw new Error('prometheus.yaml has no line "# MORE RULES"');
  return text.replace(line, (_line, indent: string) => rules.map((rule) => `${indent}- ${rule}\n`).join(''));
}

const isWorkload = (object: KubernetesObject): object is WorkloadObject =>
  ['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind);

/** Where there are pods that run a script. */
const scripted = ['foo', 'bar', 'baz', 'outside'];

/**
 * One list for one `kubectl apply`; namespaces first, since it goes in order.
 * @param replicas of each Deployment that a client calls through the gateway
 */
export function meshObjects(
  { objects, relabeling }: ImageSource = registryImages,
  from: Release = DEFAULT_HOP.from,
  replicas?: number,
): readonly object[] {
  return [
    ...objectsOf('namespaces.yaml').map((object) => labelled(object, from)),
    ...scripted.map(scriptsIn),
    ...objects,
    ...documents(withRelabeling(read('prometheus.yaml'), relabeling)),
    ...objectsOf('workloads.yaml').map((object) => withReplicas(object, replicas)),
    ...['gateway.yaml', 'load.yaml', 'calls.yaml'].flatMap(objectsOf),
  ];
}

function withReplicas(object: KubernetesObject, replicas: number | undefined): KubernetesObject {
  if (replicas === undefined || !isWorkload(object) || object.kind !== 'Deployment') return object;
  return { ...object, spec: { ...object.spec, replicas } } as WorkloadObject;
}

/** A namespace of the mesh with the label that an installation of this revision has. */
function labelled(object: KubernetesObject, from: Release): KubernetesObject {
  const { metadata } = object;
  return metadata.labels === undefined
    ? object
    : { ...object, metadata: { ...metadata, labels: injectionLabel(metadata.name, from) } };
}

/** The scripts that pods of this namespace run. */
export const scriptsIn = (namespace: string): KubernetesObject & { data: Readonly<Record<string, string>> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'scripts', namespace },
  data: { 'app.mjs': read('app.mjs'), 'load.mjs': read('load.mjs') },
});

export interface ManifestWorkload {
  kind: string;
  namespace: string;
  name: string;
}

/** All that has to get ready. */
export const manifestWorkloads = (): readonly ManifestWorkload[] =>
  workloads().map(({ kind, metadata: { namespace = '', name } }) => ({ kind, namespace, name }));

/** Namespaces that the rehearsal made; the others are the cluster's own. */
export const manifestNamespaces = (): readonly string[] =>
  objectsOf('namespaces.yaml').map(({ metadata }) => metadata.name);

/** Those that the injector fills in are Istio's. */
export function workloadImages(): readonly string[] {
  const images = workloads().flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
  return [...new Set(images.filter((image) => image !== 'auto'))];
}

const workloads = (): readonly WorkloadObject[] =>
  (meshObjects() as readonly KubernetesObject[]).filter((object) => isWorkload(object));

/** `namespace/workload` of all that the load generator calls, and whether none of its requests may fail. */
export function targets(): readonly { target: string; surges: boolean }[] {
  const env = workloads().flatMap(({ spec }) => spec.template.spec.containers.flatMap(({ env: own = [] }) => own));
  const called = env.find(({ name }) => name === 'TARGETS')?.value.split(' ') ?? [];
  const surging = new Set(
    workloads()
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
  return called.map((target) => ({ target, surges: surging.has(target) }));
}
