import type { Backend, SeenPod } from '../backends/backend.ts';
import type { Expectations } from './expectations.ts';

/** Pods that an istiod injected, but for the uninvolved namespace. */
export const inMesh = (pods: readonly SeenPod[]): readonly SeenPod[] =>
  pods.filter(({ revision }) => revision !== 'none');

/** Every mesh pod runs this revision, by what injected it and by the image of its proxy, and is ready. */
export async function expectAllOn(backend: Backend, expectations: Expectations, side: 'from' | 'to'): Promise<void> {
  const { revision, version } = backend[side];
  const pods = inMesh(await backend.pods());
  const astray = pods.filter(
    (pod) => pod.revision !== revision || !pod.proxyImage.endsWith(`:${version}`) || !pod.ready,
  );
  expectations.expect(
    `every mesh pod is injected by ${revision}, runs proxy ${version} and is ready`,
    pods.length > 0 && astray.length === 0,
    astray.length === 0 ? `${pods.length} pods` : astray,
  );
}

export async function expectTagAt(backend: Backend, expectations: Expectations, revision: string): Promise<void> {
  expectations.equal(`webhook, Service and validator of the tag name ${revision}`, await backend.tag(), {
    webhook: revision,
    Service: revision,
    validator: revision,
  });
}

export async function expectControlPlanes(
  backend: Backend,
  expectations: Expectations,
  revisions: readonly string[],
): Promise<void> {
  const wanted = revisions
    .flatMap((revision) => [
      `Deployment istiod-${revision}`,
      `Service istiod-${revision}`,
      `webhook istio-sidecar-injector-${revision}`,
    ])
    .sort();
  expectations.equal(
    `installed control planes: ${revisions.join(', ')}`,
    [...(await backend.controlPlanes())].sort(),
    wanted,
  );
}

/** No workload's template was changed more often than this since `before`. */
export async function expectRestarts(
  backend: Backend,
  expectations: Expectations,
  before: ReadonlyMap<string, number>,
  wanted: (id: string) => number,
): Promise<void> {
  const changes = (await backend.workloads()).map(({ id, generation }) => ({
    id,
    restarts: generation - (before.get(id) ?? generation),
  }));
  const wrong = changes.filter(({ id, restarts }) => restarts !== wanted(id));
  expectations.expect(
    'each workload was restarted just as often as it had to be',
    wrong.length === 0,
    wrong.length === 0 ? changes.map(({ id, restarts }) => `${id}: ${restarts}`).join(', ') : wrong,
  );
}

/** The namespaces of the seed's mesh. */
export const isOfMesh = (id: string): boolean => / (foo|bar|baz|istio-ingress)\//.test(id);

export async function generations(backend: Backend): Promise<ReadonlyMap<string, number>> {
  return new Map((await backend.workloads()).map(({ id, generation }) => [id, generation]));
}
