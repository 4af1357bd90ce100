import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { names, outcome, pick, type Scene } from '../scene.ts';
import { configMap, deployment, pod } from './objects.ts';
import { defineThings } from './things.ts';

const gone = (s: Scene, path: string) => s.until(`${path} to go`, async () => (await s.get(path)).status === 404);
const hasPods = (s: Scene, count: number) =>
  s.until(`${count} pods`, async () => names(await s.get('pods')).length === count);

/** Deletes: answers, preconditions, finalizers, what goes along. */
export const DeletingCases = cases({
  'a delete answers with a Status and the UID': async (s) => {
    const created = await s.given('configmaps', configMap('a'));
    const { status, body } = await s.remove('configmaps/a');
    const details = at(body, 'details') as Record<string, unknown>;
    return {
      status,
      kind: at(body, 'kind'),
      is: at(body, 'status'),
      details,
      same: details['uid'] === at(created, 'metadata/uid'),
    };
  },
  'a delete of a Deployment names its group': async (s) => {
    await s.given('deployments', deployment('a', 0));
    return at((await s.remove('deployments/a')).body, 'details');
  },
  'a delete of what is not there is NotFound': async (s) => outcome(await s.remove('configmaps/a')),
  'a delete of another UID is a Conflict': async (s) => {
    await s.given('configmaps', configMap('a'));
    const uid = '00000000-0000-0000-0000-000000000000';
    return outcome(await s.remove('configmaps/a', { preconditions: { uid } }));
  },
  'a delete of another version is a Conflict': async (s) => {
    await s.given('configmaps', configMap('a'));
    const refused = await s.remove('configmaps/a', { preconditions: { resourceVersion: '1' } });
    const { message, ...rest } = outcome(refused) as Record<string, unknown>;
    return { ...rest, message: String(message).replace(/\(\d+\)/g, '(<n>)') };
  },
  'a delete with the right UID is done': async (s) => {
    const created = await s.given('configmaps', configMap('a'));
    const { status } = await s.remove('configmaps/a', { preconditions: { uid: at(created, 'metadata/uid') } });
    return { status, after: (await s.get('configmaps/a')).status };
  },
  'a delete of a dry run deletes nothing': async (s) => {
    await s.given('configmaps', configMap('a'));
    const { status } = await s.remove('configmaps/a?dryRun=All');
    return { status, after: (await s.get('configmaps/a')).status };
  },
  'an object with a finalizer stays until the finalizer goes': async (s) => {
    await s.given('configmaps', { ...configMap('a'), metadata: { name: 'a', finalizers: ['example.org/wait'] } });
    const deleted = await s.remove('configmaps/a');
    const between = await s.get('configmaps/a');
    const fields = ['metadata/finalizers', 'metadata/deletionTimestamp', 'metadata/deletionGracePeriodSeconds', 'kind'];
    const refused = await s.patch('merge', 'configmaps/a', {
      metadata: { finalizers: ['example.org/wait', 'example.org/new'] },
    });
    const released = await s.patch('merge', 'configmaps/a', { metadata: { finalizers: null } });
    return {
      deleted: pick(deleted.body, fields),
      between: pick(between.body, fields),
      refused: { status: refused.status, reason: at(refused.body, 'reason') },
      released: released.status,
      after: (await s.get('configmaps/a')).status,
    };
  },
  'a delete in the background takes the dependents along': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await hasPods(s, 1);
    const { status, body } = await s.remove('deployments/a?propagationPolicy=Background');
    const at0 = (await s.get('deployments/a')).status;
    await hasPods(s, 0);
    return { status, is: at(body, 'status'), at0, sets: names(await s.get('replicasets')) };
  },
  'a delete in the foreground keeps the owner until the dependents are gone': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await hasPods(s, 1);
    const watching = await s.watch(
      `deployments?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${at((await s.get('deployments')).body, 'metadata/resourceVersion')}`,
    );
    const deleted = await s.remove('deployments/a', { propagationPolicy: 'Foreground' });
    await gone(s, 'deployments/a');
    await s.until('the deletion event', () => watching.events.some(({ type }) => type === 'DELETED'));
    return {
      ...outcome(deleted, 'kind', 'metadata/finalizers', 'metadata/deletionTimestamp'),
      pods: names(await s.get('pods')),
      sets: names(await s.get('replicasets')),
      last: watching.events.at(-1)?.type,
    };
  },
  'a delete that orphans leaves the dependents, without their owner': async (s) => {
    await s.given('deployments', deployment('a', 1));
    await hasPods(s, 1);
    await s.remove('deployments/a?propagationPolicy=Orphan');
    await gone(s, 'deployments/a');
    const sets = await s.get('replicasets');
    return {
      sets: names(sets).length,
      owners: at(sets.body, 'items/0/metadata/ownerReferences') ?? null,
      pods: names(await s.get('pods')).length,
    };
  },
  'a delete with an unknown policy is Invalid': async (s) => {
    await s.given('configmaps', configMap('a'));
    return outcome(await s.remove('configmaps/a', { propagationPolicy: 'Quickly' }));
  },
  'a delete of a running pod marks it, and it goes by itself': async (s) => {
    await s.given('pods', pod('a'));
    await s.untilObject('pods/a', (object) => at(object, 'status/phase') === 'Running');
    const deleted = await s.remove('pods/a');
    await gone(s, 'pods/a');
    return outcome(deleted, 'kind', 'metadata/deletionTimestamp', 'metadata/deletionGracePeriodSeconds');
  },
  'a delete of a pod with no grace takes it at once': async (s) => {
    await s.given('pods', pod('a'));
    await s.untilObject('pods/a', (object) => at(object, 'status/phase') === 'Running');
    const deleted = await s.remove('pods/a', { gracePeriodSeconds: 0 });
    return {
      ...outcome(deleted, 'kind', 'metadata/deletionGracePeriodSeconds'),
      after: (await s.get('pods/a')).status,
    };
  },
  'a delete of a collection by selector answers with the list': async (s) => {
    for (const name of ['a', 'b']) await s.given('configmaps', configMap(name, {}, { case: 'yes' }));
    await s.given('configmaps', configMap('c', {}, { case: 'no' }));
    const deleted = await s.remove('configmaps?labelSelector=case%3Dyes');
    return {
      ...outcome(deleted, 'kind'),
      names: names(deleted),
      left: names(await s.get('configmaps?labelSelector=case')),
    };
  },
  'a namespace that is deleted terminates, takes nothing new, and goes': async (s) => {
    const name = `${s.ns}-second`;
    const path = `/api/v1/namespaces/${name}`;
    await s.given('/api/v1/namespaces', { metadata: { name } });
    await s.given(`${path}/configmaps`, { metadata: { name: 'a', finalizers: ['example.org/wait'] } });
    const deleted = await s.remove(path);
    const refused = await s.post(`${path}/configmaps`, configMap('b'));
    await s.until(
      'the ConfigMap to be marked',
      async () => at((await s.get(`${path}/configmaps/a`)).body, 'metadata/deletionTimestamp') !== undefined,
    );
    await s.patch('merge', `${path}/configmaps/a`, { metadata: { finalizers: null } });
    await gone(s, path);
    return { deleted: outcome(deleted, 'kind', 'status/phase', 'spec/finalizers'), refused: outcome(refused) };
  },
  'the objects of a definition go with it': async (s) => {
    const { path, thing } = await defineThings(s);
    await s.given(path, thing('a'));
    await s.remove(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${s.ns}.example.org`);
    await gone(s, path);
    await defineThings(s);
    return names(await s.get(path));
  },
});
