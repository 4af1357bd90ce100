import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome, type Scene } from '../scene.ts';
import { deployment, pod } from './objects.ts';

const evict = (s: Scene, name: string, more: object = {}) =>
  s.post(`pods/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: s.ns },
    ...more,
  });

const ready = (s: Scene, name: string) =>
  s.untilObject(`pods/${name}`, (object) =>
    ((at(object, 'status/conditions') ?? []) as unknown[]).some(
      (one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True',
    ),
  );

async function budget(s: Scene, name: string, spec: object, allowed: number): Promise<void> {
  await s.given('poddisruptionbudgets', {
    metadata: { name },
    spec: { selector: { matchLabels: { app: 'a' } }, ...spec },
  });
  await s.untilObject(
    `poddisruptionbudgets/${name}`,
    (object) => at(object, 'status/disruptionsAllowed') === allowed && at(object, 'status/observedGeneration') === 1,
  );
}

async function twoPods(s: Scene): Promise<void> {
  for (const name of ['a', 'b']) await s.given('pods', pod(name, { app: 'a' }));
  for (const name of ['a', 'b']) await ready(s, name);
}

/** Evictions and the budgets that refuse them. */
export const EvictionCases = cases({
  'an eviction without a budget is done': async (s) => {
    await twoPods(s);
    const evicted = await evict(s, 'a');
    const { status, body } = evicted;
    await s.until('the pod to go', async () => (await s.get('pods/a')).status === 404);
    return { status, kind: at(body, 'kind'), is: at(body, 'status') };
  },
  'an eviction that a budget allows is done': async (s) => {
    await twoPods(s);
    await budget(s, 'keep-one', { minAvailable: 1 }, 1);
    const { status } = await evict(s, 'a');
    return { status };
  },
  'an eviction that a budget forbids is 429 with a cause': async (s) => {
    await twoPods(s);
    await budget(s, 'keep-all', { maxUnavailable: 0 }, 0);
    const refused = await evict(s, 'a');
    return {
      ...outcome(refused),
      retryAfter: refused.headers['retry-after'] ?? null,
      after: (await s.get('pods/a')).status,
    };
  },
  'a second eviction waits for the first to be made up for': async (s) => {
    await twoPods(s);
    await budget(s, 'keep-one', { minAvailable: 1 }, 1);
    return [(await evict(s, 'a')).status, (await evict(s, 'b')).status];
  },
  'an eviction of a pod that two budgets cover is an error of the server': async (s) => {
    await twoPods(s);
    await budget(s, 'one', { minAvailable: 1 }, 1);
    await budget(s, 'two', { minAvailable: 1 }, 1);
    return outcome(await evict(s, 'a'));
  },
  'an eviction of a pod that is not there is NotFound': async (s) => outcome(await evict(s, 'nope')),
  'an eviction of a dry run evicts nothing': async (s) => {
    await twoPods(s);
    const { status } = await evict(s, 'a', { deleteOptions: { dryRun: ['All'] } });
    return { status, deleted: at((await s.get('pods/a')).body, 'metadata/deletionTimestamp') ?? null };
  },
  'an eviction under another name is a bad request': async (s) => {
    await twoPods(s);
    return outcome(
      await s.post('pods/a/eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'b', namespace: s.ns },
      }),
    );
  },
  'a budget counts pods and says how many may go': async (s) => {
    await s.given('deployments', deployment('a', 2));
    await s.untilObject('deployments/a', (object) => at(object, 'status/availableReplicas') === 2);
    await budget(s, 'half', { maxUnavailable: '50%' }, 1);
    const { body } = await s.get('poddisruptionbudgets/half');
    const { conditions, ...counts } = at(body, 'status') as Record<string, unknown>;
    return {
      counts,
      conditions: (conditions as unknown[]).map(
        (one) => `${at(one, 'type')}=${at(one, 'status')} ${at(one, 'reason')}`,
      ),
    };
  },
  'a budget that allows nothing says so in its condition': async (s) => {
    await twoPods(s);
    await budget(s, 'all', { minAvailable: 2 }, 0);
    const { body } = await s.get('poddisruptionbudgets/all');
    return (at(body, 'status/conditions') as unknown[]).map(
      (one) => `${at(one, 'type')}=${at(one, 'status')} ${at(one, 'reason')}`,
    );
  },
});
