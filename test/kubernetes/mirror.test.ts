import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCluster } from '../../src/kubernetes/cluster.ts';
import { ConfigMaps, Deployments, MutatingWebhooks, Pods } from '../../src/ports/kinds.ts';
import type { Cluster } from '../../src/ports/kubernetes.ts';
import { fails, json, ScriptedTransport, ScriptedWatch, status } from './scripted-transport.ts';
import { SteppedClock } from './stepped-clock.ts';

let clock: SteppedClock;
let transport: ScriptedTransport;
let cluster: Cluster;

beforeEach(() => {
  clock = new SteppedClock();
  transport = new ScriptedTransport();
  cluster = createCluster(transport, { clock, userAgent: 'canary/1', random: () => 0.5 });
});
afterEach(async () => {
  await cluster.close();
  await clock.settle();
  expect(transport.unscripted).toEqual([]);
  expect(clock.sleepers).toBe(0);
});

const list = '/api/v1/configmaps?limit=500';
const anyWatch = /configmaps\?watch=1/;
const object = (name: string, resourceVersion: string, more: object = {}) => ({
  metadata: { name, namespace: 'foo', uid: `uid-${name}`, resourceVersion, ...more },
});
const page = (items: unknown[], resourceVersion: string) => json({ metadata: { resourceVersion }, items });
const bookmark = (resourceVersion: string) => ({ kind: 'ConfigMap', metadata: { resourceVersion } });
const versions = async () =>
  Object.fromEntries((await cluster.list(ConfigMaps)).map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
const watches = () => transport.sent.filter(({ path }) => path.includes('watch=1')).map(({ path }) => path);

/** Follows ConfigMaps: `a` at 5, the list at 10. */
async function followed(...openings: (ScriptedWatch | ReturnType<typeof status>)[]): Promise<void> {
  transport.on('GET', list, page([object('a', '5')], '10'));
  transport.on(
    'GET',
    anyWatch,
    ...openings.map((opening) => (opening instanceof ScriptedWatch ? opening.reply : opening)),
  );
  await cluster.follow([{ kind: ConfigMaps }]);
  await clock.settle();
}

describe('a followed list', () => {
  it('is served without a request, with the changes that the watch reported', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    watch.event('ADDED', object('b', '11')).event('MODIFIED', object('a', '12'));
    await clock.settle();
    expect(await versions()).toEqual({ a: '12', b: '11' });
    watch.event('DELETED', object('b', '13'));
    await clock.settle();
    expect(await versions()).toEqual({ a: '12' });
    expect(cluster.requests).toEqual({ list: 1, watch: 1 });
    expect(watches()).toEqual([
      '/api/v1/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=276',
    ]);
  });

  it('puts events together that arrive in pieces', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    const line = `${JSON.stringify({ type: 'ADDED', object: object('ü', '11') })}\n`;
    watch.raw(line.slice(0, 30)).raw(line.slice(30));
    await clock.settle();
    expect(await versions()).toEqual({ a: '5', ü: '11' });
  });

  it('serves a selection by namespace and labels', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    watch.event('ADDED', object('b', '11', { namespace: 'bar', labels: { app: 'x' } }));
    await clock.settle();
    expect(await cluster.list(ConfigMaps, { namespace: 'bar' })).toHaveLength(1);
    expect(await cluster.list(ConfigMaps, { labelSelector: 'app in (x,y),!gone' })).toHaveLength(1);
    expect(await cluster.list(ConfigMaps, { labelSelector: 'app!=x' })).toHaveLength(1);
  });

  it('is requested from the server when the read must be fresh, or the list is too narrow', async () => {
    await followed(new ScriptedWatch());
    transport.on('GET', '/api/v1/configmaps?limit=500', page([object('a', '6')], '20'));
    expect(await cluster.list(ConfigMaps, { fresh: true })).toMatchObject([object('a', '6')]);
    const watch = new ScriptedWatch();
    transport.on('GET', '/api/v1/pods?limit=500', page([object('p', '1')], '10'), page([object('p', '1')], '10'));
    transport.on('GET', /pods\?watch/, watch.reply);
    await cluster.follow([{ kind: Pods, metadataOnly: true }]);
    expect(await cluster.listMetadata(Pods)).toHaveLength(1);
    expect(await cluster.list(Pods)).toHaveLength(1);
    expect(transport.sent.filter(({ path }) => path === '/api/v1/pods?limit=500')).toHaveLength(2);
  });

  it('is listed again on demand, and so contains what a watch silently lost', async () => {
    await followed(new ScriptedWatch());
    transport.on('GET', list, page([object('c', '14')], '15'));
    await cluster.refresh();
    expect(await versions()).toEqual({ c: '14' });
    expect(cluster.requests).toEqual({ list: 2, watch: 1 });
  });

  it('is not followed when its first list fails, and says why', async () => {
    transport.on('GET', list, status(403, 'Forbidden', 'configmaps is forbidden'));
    await expect(cluster.follow([{ kind: ConfigMaps }])).rejects.toMatchObject({ reason: 'Forbidden' });
  });

  it('drops field ownership, except of injection webhooks', async () => {
    const managedFields = [{ manager: 'pilot-discovery' }];
    const owned = object('a', '5', { managedFields });
    transport.on('GET', list, page([owned], '10')).on('GET', anyWatch, new ScriptedWatch().reply);
    transport.on('GET', /mutatingwebhookconfigurations\?limit/, page([owned], '10'));
    transport.on('GET', /mutatingwebhookconfigurations\?watch/, new ScriptedWatch().reply);
    await cluster.follow([{ kind: ConfigMaps }, { kind: MutatingWebhooks }]);
    expect((await cluster.list(ConfigMaps))[0]?.metadata.managedFields).toBeUndefined();
    expect((await cluster.list(MutatingWebhooks))[0]?.metadata.managedFields).toEqual(managedFields);
  });
});

describe('a write of our own', () => {
  const target = { name: 'a', namespace: 'foo' };
  const patch = { type: 'merge', body: {}, fieldManager: 'canary' } as const;

  it('is visible at once and not undone by an event that was under way', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    transport.on('PATCH', /configmaps/, json(object('a', '15')));
    await cluster.patch(ConfigMaps, target, patch);
    expect(await versions()).toEqual({ a: '15' });
    watch.event('MODIFIED', object('a', '12'));
    await clock.settle();
    expect(await versions()).toEqual({ a: '15' });
  });

  it('does not restore what was deleted while its answer was under way', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    transport.on('PATCH', /configmaps/, async (request) => {
      watch.event('MODIFIED', object('a', '15')).event('DELETED', object('a', '16'));
      await clock.settle();
      return json(object('a', '15'))(request);
    });
    await cluster.patch(ConfigMaps, target, patch);
    expect(await versions()).toEqual({});
  });

  it('that deletes is visible at once, and an older event does not restore the object', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    transport.on('DELETE', /configmaps/, json({ kind: 'Status', details: { uid: 'uid-a' } }));
    await cluster.delete(ConfigMaps, target);
    watch.event('MODIFIED', object('a', '12'));
    await clock.settle();
    expect(await versions()).toEqual({});
    watch.event('DELETED', object('a', '13')).event('ADDED', object('a', '14', { uid: 'again' }));
    await clock.settle();
    expect(await versions()).toEqual({ a: '14' });
  });

  it('as a dry run is not visible', async () => {
    await followed(new ScriptedWatch());
    transport.on('POST', /configmaps/, json(object('b', '15')));
    await cluster.tryCreate(ConfigMaps, object('b', ''));
    expect(await versions()).toEqual({ a: '5' });
  });

  it('takes an object out of a list that no longer selects it', async () => {
    transport.on(
      'GET',
      /deployments\?labelSelector=app%3Dx&limit/,
      page([object('a', '5', { labels: { app: 'x' } })], '10'),
    );
    transport.on('GET', /deployments\?labelSelector=app%3Dx&watch/, new ScriptedWatch().reply);
    await cluster.follow([{ kind: Deployments, labelSelector: 'app=x' }]);
    transport.on('PATCH', /deployments/, json(object('a', '15', { labels: { app: 'y' } })));
    await cluster.patch(Deployments, target, patch);
    expect(await cluster.list(Deployments, { labelSelector: 'app=x' })).toEqual([]);
  });
});

describe('a watch', () => {
  it('that ends is resumed from the newest version seen, bookmarks included', async () => {
    const [first, second] = [new ScriptedWatch(), new ScriptedWatch()];
    await followed(first, second);
    first.event('BOOKMARK', bookmark('40'));
    await clock.advance(10_000);
    first.end();
    await clock.settle();
    expect(watches()[1]).toContain('resourceVersion=40');
    second.event('MODIFIED', object('a', '41'));
    await clock.settle();
    expect(await versions()).toEqual({ a: '41' });
    expect(cluster.requests['list']).toBe(1);
  });

  it('that is cut is resumed after a pause', async () => {
    const [first, second] = [new ScriptedWatch(), new ScriptedWatch()];
    await followed(first, second);
    first.raw('{"type":"MODI').cut();
    await clock.advance(1_000);
    expect(second.opened).toBe(true);
    expect(watches()[1]).toContain('resourceVersion=10');
  });

  it.for([
    {
      how: 'an event',
      break410: (watch: ScriptedWatch) =>
        watch.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }),
    },
    { how: 'a line that is no event', break410: (watch: ScriptedWatch) => watch.raw('oops\n') },
  ])('that cannot continue, reported by $how, is replaced by a new list', async ({ break410 }) => {
    const [first, second] = [new ScriptedWatch(), new ScriptedWatch()];
    await followed(first, second);
    transport.on('GET', list, page([object('b', '50')], '60'));
    break410(first);
    await clock.advance(1_000);
    expect(await versions()).toEqual({ b: '50' });
    expect(watches()[1]).toContain('resourceVersion=60');
  });

  it('that gets an older list from a lagging cache lists again: no read is older than the one before', async () => {
    await followed(status(410, 'Expired', 'too old'), new ScriptedWatch());
    transport.on('GET', list, page([object('a', '3')], '4'), page([object('b', '50')], '60'));
    await clock.advance(1_000);
    expect(await versions()).toEqual({ b: '50' });
    expect(watches()[1]).toContain('resourceVersion=60');
  });

  it('that keeps getting an older list, from a restored backup, accepts it in the end', async () => {
    await followed(status(410, 'Expired', 'too old'), new ScriptedWatch());
    transport.on('GET', list, ...Array.from({ length: 8 }, () => page([object('b', '3')], '4')));
    await clock.advance(20_000);
    expect(await versions()).toMatchObject({ b: '3' });
    expect(watches()[1]).toContain('resourceVersion=4');
  });

  it('that is refused as too old is replaced by a new list', async () => {
    await followed(status(410, 'Expired', 'too old'), new ScriptedWatch());
    transport.on('GET', list, page([], '60'));
    await clock.advance(1_000);
    expect(await versions()).toEqual({});
  });

  it('that falls silent is opened again: a server sends a bookmark every minute', async () => {
    const [first, second] = [new ScriptedWatch(), new ScriptedWatch()];
    await followed(first, second);
    await clock.advance(60_000);
    first.event('BOOKMARK', bookmark('11'));
    await clock.advance(60_000);
    expect(first.aborted).toBe(false);
    await clock.advance(31_000);
    expect(first.aborted).toBe(true);
    expect(second.opened).toBe(true);
  });

  it('that cannot be opened again lets reads go to the server, and reports its failure', async () => {
    const first = new ScriptedWatch();
    await followed(first);
    transport.on('GET', anyWatch, ...Array.from({ length: 40 }, () => status(503, 'ServiceUnavailable', 'no')));
    first.cut();
    await clock.advance(30_000);
    expect(await versions()).toEqual({ a: '5' });
    await clock.advance(40_000);
    transport.on('GET', list, page([object('a', '70')], '80'));
    expect(await clock.run(versions())).toEqual({ a: '70' });
    await clock.advance(61_000);
    transport.on('GET', list, ...Array.from({ length: 40 }, () => fails('ECONNREFUSED', 'connect')));
    await expect(clock.run(versions())).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  });
});

describe('waiting for a change', () => {
  const never = new AbortController().signal;

  it('ends at the first change', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    const startedAt = clock.now();
    const waiting = cluster.changed(60_000, never);
    await clock.settle();
    watch.event('MODIFIED', object('a', '11'));
    await waiting;
    expect(clock.now()).toBe(startedAt);
  });

  it('does not miss what changed between two calls', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    watch.event('MODIFIED', object('a', '11'));
    await clock.settle();
    await cluster.changed(60_000, never);
  });

  it('does not end for a bookmark or for news that is old', async () => {
    const watch = new ScriptedWatch();
    await followed(watch);
    watch.event('BOOKMARK', bookmark('11')).event('MODIFIED', object('a', '4'));
    await clock.settle();
    const startedAt = clock.now();
    await clock.run(cluster.changed(5_000, never));
    expect(clock.now() - startedAt).toBe(5_000);
  });

  it('ends with the reason of its signal', async () => {
    await followed(new ScriptedWatch());
    const stop = new AbortController();
    const waiting = cluster.changed(60_000, stop.signal);
    stop.abort(new Error('the run was cancelled'));
    await expect(waiting).rejects.toThrow('the run was cancelled');
  });
});
