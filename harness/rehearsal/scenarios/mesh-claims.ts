import { revisionSuffix } from '../../../src/model/revision.ts';
import type { Backend, SeenPod } from '../model/backend.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Expectations } from './expectations.ts';
import { firstFit, fits } from './pattern.ts';

type Expected = Scenario['expect'];
type Side = Expected['tag'];

/** What a claim at the end compares with: the mesh before anything was done. */
export interface Before {
  generations: readonly (readonly [id: string, generation: number])[];
  /** Names of the pods of the old istiod. */
  oldIstiod: readonly string[];
  snapshots: readonly (readonly [namespace: string, text: string])[];
}

export async function seeBefore(backend: Backend, { untouched }: Expected): Promise<Before> {
  return {
    generations: await generations(backend),
    oldIstiod: await oldIstiodPods(backend),
    snapshots: await Promise.all(untouched.map(async (name) => [name, await backend.snapshot(name)] as const)),
  };
}

/** The mesh at the end, against what the scenario expects of it. */
export async function expectMesh(
  backend: Backend,
  expectations: Expectations,
  expected: Expected,
  before: Before,
): Promise<void> {
  await expectTagAt(backend, expectations, backend[release(expected.tag)].revision);
  await expectPods(backend, expectations, expected.pods);
  await expectControlPlanes(
    backend,
    expectations,
    expected.controlPlanes.map((side) => backend[release(side)].revision),
  );
  if (expected.controlPlanes.includes('old')) await expectOldIstiod(backend, expectations, before);
  await expectRestarts(backend, expectations, before, expected.restarts);
  for (const [namespace, text] of before.snapshots) {
    const now = await backend.snapshot(namespace);
    expectations.expect(`namespace ${namespace} is untouched`, text === now, firstDifference(text, now));
  }
}

/** Workloads with how often their templates changed: of the mesh and outside of it. */
export async function generations(backend: Backend): Promise<Before['generations']> {
  return (await backend.workloads()).map(({ id, generation }) => [id, generation] as const);
}

const release = (side: Side): 'from' | 'to' => (side === 'old' ? 'from' : 'to');

async function expectPods(backend: Backend, expectations: Expectations, wanted: Expected['pods']): Promise<void> {
  // Pods that an istiod injected: whatever else runs is no part of the mesh.
  const pods = (await backend.pods()).filter(({ revision }) => revision !== 'none');
  if (wanted === 'mixed') return expectMixed(backend, expectations, pods);
  if (typeof wanted === 'string') return expectAllOn(backend, expectations, pods, wanted);
  const sorted = Map.groupBy(pods, ({ namespace, name }) => firstFit(wanted, `${namespace}/${name}`));
  expectations.equal(
    'the scenario says of every mesh pod what it has to run',
    (sorted.get(undefined) ?? []).map(({ namespace, name }) => `${namespace}/${name}`),
    [],
  );
  for (const [pattern, side] of Object.entries(wanted)) {
    const these = (sorted.get(side) ?? []).filter(({ namespace, name }) => fits(pattern, `${namespace}/${name}`));
    if (side === 'stuck') expectStuck(backend, expectations, these, pattern);
    else expectAllOn(backend, expectations, these, side, ` of ${pattern}`);
  }
}

/** Every pod runs this revision, by what injected it and by the image of its proxy, and is ready. */
function expectAllOn(
  backend: Backend,
  expectations: Expectations,
  pods: readonly SeenPod[],
  side: Side,
  which = '',
): void {
  const { revision, version } = backend[release(side)];
  const astray = pods.filter((pod) => !runs(pod, { revision, version }) || !pod.ready);
  expectations.expect(
    `every mesh pod${which} is injected by ${revision}, runs proxy ${version} and is ready`,
    pods.length > 0 && astray.length === 0,
    astray.length === 0 ? `${pods.length} pods` : astray,
  );
}

/** What keeps them from getting ready is not the proxy: they are as sick with one as with the other. */
function expectStuck(backend: Backend, expectations: Expectations, pods: readonly SeenPod[], pattern: string): void {
  const { from, to } = backend;
  const astray = pods.filter((pod) => pod.ready || !(runs(pod, from) || runs(pod, to)));
  expectations.expect(
    `no mesh pod of ${pattern} is ready, and each runs ${from.revision} or ${to.revision}`,
    pods.length > 0 && astray.length === 0,
    astray.length === 0 ? `${pods.length} pods` : astray,
  );
}

/** Some pods run one, some the other, and none anything else. */
function expectMixed(backend: Backend, expectations: Expectations, pods: readonly SeenPod[]): void {
  const [old, fresh] = [backend.from, backend.to].map((each) => pods.filter((pod) => runs(pod, each)).length);
  const { from, to } = backend;
  expectations.expect(
    `some mesh pods run ${from.revision}, some ${to.revision}, and none anything else`,
    old !== undefined && fresh !== undefined && old > 0 && fresh > 0 && old + fresh === pods.length,
    `${old} and ${fresh} of ${pods.length}`,
  );
}

const runs = (pod: SeenPod, { revision, version }: { revision: string; version: string }): boolean =>
  pod.revision === revision && pod.proxyImage.endsWith(`:${version}`);

async function expectTagAt(backend: Backend, expectations: Expectations, revision: string): Promise<void> {
  expectations.equal(`webhook, Service and validator of the tag name ${revision}`, await backend.tag(), {
    webhook: revision,
    Service: revision,
    validator: revision,
  });
}

async function expectControlPlanes(
  backend: Backend,
  expectations: Expectations,
  revisions: readonly string[],
): Promise<void> {
  const wanted = revisions
    .flatMap((revision) => [
      `Deployment istiod${revisionSuffix(revision)}`,
      `Service istiod${revisionSuffix(revision)}`,
      `webhook istio-sidecar-injector${revisionSuffix(revision)}`,
    ])
    .sort();
  expectations.equal(
    `installed control planes: ${revisions.join(', ')}`,
    [...(await backend.controlPlanes())].sort(),
    wanted,
  );
}

/** Where the old istiod stays, nothing restarts it. */
async function expectOldIstiod(backend: Backend, expectations: Expectations, { oldIstiod }: Before): Promise<void> {
  const now = await oldIstiodPods(backend);
  expectations.expect(
    'every pod of the old istiod that ran before is ready',
    oldIstiod.length > 0 && oldIstiod.every((name) => now.includes(name)),
    `${oldIstiod.join(', ')}; ready now: ${now.join(', ')}`,
  );
}

async function oldIstiodPods(backend: Backend): Promise<readonly string[]> {
  const istiod = `istiod${revisionSuffix(backend.from.revision)}-`;
  return (await backend.pods())
    .filter(({ namespace, name, ready }) => namespace === 'istio-system' && name.startsWith(istiod) && ready)
    .map(({ name }) => name);
}

/** Each workload's template was changed exactly so often; one that nothing fits: never. */
async function expectRestarts(
  backend: Backend,
  expectations: Expectations,
  { generations: earlier }: Before,
  wanted: Expected['restarts'],
): Promise<void> {
  const before = new Map(earlier);
  const changes = (await generations(backend)).map(([id, generation]) => ({
    id,
    restarts: generation - (before.get(id) ?? generation),
  }));
  const wrong = changes.filter(({ id, restarts }) => restarts !== (firstFit(wanted, nameOf(id)) ?? 0));
  const idle = Object.keys(wanted).filter((pattern) => !changes.some(({ id }) => fits(pattern, nameOf(id))));
  expectations.expect(
    'each workload was restarted just as often as it had to be',
    changes.length > 0 && wrong.length === 0 && idle.length === 0,
    wrong.length + idle.length === 0
      ? changes.map(({ id, restarts }) => `${id}: ${restarts}`).join(', ')
      : { wrong, fitsNothing: idle },
  );
}

/** `Deployment bar/bar` is `bar/bar`. */
const nameOf = (id: string): string => id.slice(id.indexOf(' ') + 1);

/** The first line that differs, before and now. */
function firstDifference(before: string, now: string): string {
  const [old, young] = [before.split('\n'), now.split('\n')];
  const at = old.findIndex((line, index) => line !== young[index]);
  return at < 0 ? `${young.length - old.length} lines more` : `${old[at]?.trim()} -> ${young[at]?.trim()}`;
}
