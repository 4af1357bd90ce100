import type { Scene } from '../scene.ts';

const Definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export interface Things {
  /** The path of the collection in the case's namespace. */
  path: string;
  thing(name: string, spec?: object): object;
}

/** A custom resource of the case's own, served and empty. */
export async function defineThings(s: Scene): Promise<Things> {
  const group = `${s.ns}.example.org`;
  s.cleanUp(`${Definitions}/things.${group}`);
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await s.given(Definitions, {
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const path = `/apis/${group}/v1/namespaces/${s.ns}/things`;
  await s.until('the definition to be served', async () => (await s.get(path)).status === 200);
  return { path, thing: (name, spec = {}) => ({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name }, spec }) };
}
