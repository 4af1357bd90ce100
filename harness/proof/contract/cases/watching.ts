import type { WatchEvent } from '../backend.ts';
import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { outcome } from '../scene.ts';
import { configMap } from './objects.ts';
import { defineThings } from './things.ts';

const told = (events: readonly WatchEvent[]) =>
  events.map(({ type, object }) => `${type} ${at(object, 'metadata/name')}`);
const version = (body: unknown) => String(at(body, 'metadata/resourceVersion'));
const Ours = 'labelSelector=case%3Dyes';
const ours = (name: string, data: Record<string, string> = {}) => configMap(name, data, { case: 'yes' });

/** Watches: from which version, what they send, how they end. */
export const WatchingCases = cases({
  'a watch from a version sends what happened since, in order': async (s) => {
    const from = version((await s.get('configmaps')).body);
    await s.given('configmaps', ours('a'));
    await s.patch('merge', 'configmaps/a', { data: { x: '1' } });
    await s.remove('configmaps/a');
    const watching = await s.watch(`configmaps?watch=true&${Ours}&resourceVersion=${from}`);
    return told(await s.events(watching, 3));
  },
  'a watch sends what happens after it began': async (s) => {
    const from = version((await s.get('configmaps')).body);
    const watching = await s.watch(`configmaps?watch=1&${Ours}&resourceVersion=${from}`);
    await s.given('configmaps', ours('a'));
    await s.given('configmaps', ours('b'));
    return told(await s.events(watching, 2));
  },
  'a watch from version 0 begins with what is there': async (s) => {
    await s.given('configmaps', ours('a'));
    await s.given('configmaps', ours('b'));
    const watching = await s.watch(`configmaps?watch=true&${Ours}&resourceVersion=0`);
    await s.events(watching, 2);
    await s.given('configmaps', ours('c'));
    return told(await s.events(watching, 3)).sort();
  },
  'a watch without a version begins with what is there': async (s) => {
    await s.given('configmaps', ours('a'));
    const watching = await s.watch(`configmaps?watch=true&${Ours}`);
    return told(await s.events(watching, 1));
  },
  'a watch from the newest version sends nothing of the past': async (s) => {
    await s.given('configmaps', ours('a'));
    const from = version((await s.get('configmaps')).body);
    const watching = await s.watch(`configmaps?watch=true&${Ours}&resourceVersion=${from}`);
    await s.given('configmaps', ours('b'));
    return told(await s.events(watching, 1));
  },
  'a watch of one object by field selector': async (s) => {
    await s.given('configmaps', ours('a'));
    await s.given('configmaps', ours('b'));
    const watching = await s.watch('configmaps?watch=true&fieldSelector=metadata.name%3Db');
    return told(await s.events(watching, 1));
  },
  'a watch with a selector turns coming and going of labels into events': async (s) => {
    await s.given('configmaps', configMap('a'));
    const from = version((await s.get('configmaps')).body);
    const watching = await s.watch(`configmaps?watch=true&labelSelector=on%3Dyes&resourceVersion=${from}`);
    for (const on of ['yes', 'no', 'yes']) await s.patch('merge', 'configmaps/a', { metadata: { labels: { on } } });
    await s.patch('merge', 'configmaps/a', { data: { x: '1' } });
    await s.remove('configmaps/a');
    const events = await s.events(watching, 5);
    return events.map(({ type, object }) => `${type} ${at(object, 'metadata/labels/on')}`);
  },
  'a deletion event carries a version of its own, newer than the object had': async (s) => {
    const created = await s.given('configmaps', ours('a', { x: '1' }));
    const watching = await s.watch(`configmaps?watch=true&${Ours}&resourceVersion=${version(created)}`);
    await s.remove('configmaps/a');
    const [event] = await s.events(watching, 1);
    return {
      type: event?.type,
      data: at(event?.object, 'data'),
      newer: Number(version(event?.object)) > Number(version(created)),
    };
  },
  'a watch from a version that is too old says 410 in an ERROR event and ends': async (s) => {
    const { path, thing } = await defineThings(s);
    await s.given(path, thing('a'));
    await s.backend.compact();
    const watching = await s.watch(`${path}?watch=true&resourceVersion=1`);
    await s.until('its end', () => watching.hasEnded());
    const [event] = watching.events;
    const { message, ...rest } = (event?.object ?? {}) as Record<string, unknown>;
    return {
      status: watching.status,
      count: watching.events.length,
      type: event?.type,
      ...rest,
      message: String(message).replace(/\d+/g, '<n>'),
    };
  },
  'a watch ends by its timeout without an error': async (s) => {
    const from = version((await s.get('configmaps')).body);
    const began = s.backend.now();
    const watching = await s.watch(`configmaps?watch=true&${Ours}&resourceVersion=${from}&timeoutSeconds=1`);
    await s.until('its end', () => watching.hasEnded());
    const tookMs = s.backend.now() - began;
    return { events: watching.events, inTime: tookMs > 900 && tookMs < 3_000 };
  },
  'a watch with bookmarks gets one before its end': async (s) => {
    const created = await s.given('configmaps', ours('a'));
    const watching = await s.watch(
      `configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=${version(created)}&timeoutSeconds=5&${Ours}`,
    );
    await s.until('its end', () => watching.hasEnded());
    // How many come in five seconds is a matter of chance.
    const { type, object } = watching.events.at(-1) ?? {};
    return {
      types: [...new Set(watching.events.map((event) => event.type))],
      last: type,
      kind: at(object, 'kind'),
      apiVersion: at(object, 'apiVersion'),
      isNew: Number(version(object)) >= Number(version(created)),
      name: at(object, 'metadata/name') ?? null,
      fields: Object.keys((object ?? {}) as object).sort(),
    };
  },
  'a watch without leave for bookmarks gets none': async (s) => {
    const from = version((await s.get('configmaps')).body);
    const watching = await s.watch(`configmaps?watch=true&resourceVersion=${from}&timeoutSeconds=4&${Ours}`);
    await s.until('its end', () => watching.hasEnded());
    return watching.events.map(({ type }) => type);
  },
  'a watch that streams its list marks the end of it with a bookmark': async (s) => {
    await s.given('configmaps', ours('a'));
    const watching = await s.watch(
      `configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&${Ours}`,
    );
    const events = await s.events(watching, 2);
    return events.map(({ type, object }) => ({ type, end: at(object, 'metadata/annotations') ?? null }));
  },
  'a metadata-only watch sends PartialObjectMetadata': async (s) => {
    await s.given('configmaps', ours('a', { x: '1' }));
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    const watching = await s.watch(`configmaps?watch=true&${Ours}`, { accept });
    const [event] = await s.events(watching, 1);
    return {
      type: event?.type,
      kind: at(event?.object, 'kind'),
      apiVersion: at(event?.object, 'apiVersion'),
      fields: Object.keys((event?.object ?? {}) as object).sort(),
    };
  },
  'a watch with a bad selector is refused at once': async (s) => {
    const answer = await s.get('configmaps?watch=true&labelSelector=a%3D%3D%3D');
    return outcome(answer);
  },
  'a watch with a version that is no number is refused': async (s) =>
    outcome(await s.get('configmaps?watch=true&resourceVersion=abc')),
  'versions grow across resources': async (s) => {
    const a = await s.given('configmaps', ours('a'));
    const l = await s.given('services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
    const b = await s.given('configmaps', ours('b'));
    return [a, l, b].every((one, i, all) => i === 0 || Number(version(one)) > Number(version(all[i - 1])));
  },
  'a namespaced watch does not show other namespaces': async (s) => {
    const from = version((await s.get('configmaps')).body);
    const watching = await s.watch(`configmaps?watch=true&${Ours}&resourceVersion=${from}`);
    const other = `/api/v1/namespaces/default/configmaps`;
    s.cleanUp(`${other}/${s.ns}`);
    await s.given(other, ours(s.ns));
    await s.given('configmaps', ours('mine'));
    return told(await s.events(watching, 1));
  },
});
