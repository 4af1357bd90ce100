import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import { names, outcome, pick, type Scene } from '../scene.ts';
import { configMap, pod } from './objects.ts';

// New namespaces of a real cluster have a ConfigMap of their own; the label tells ours apart.
const Ours = 'labelSelector=case%3Dyes';

async function five(s: Scene): Promise<void> {
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await s.given('configmaps', configMap(name, {}, { case: 'yes', name, ...(name < 'c' ? { early: '' } : {}) }));
  }
}

const selected = (query: string) => async (s: Scene) => {
  await five(s);
  const answer = await s.get(`configmaps?labelSelector=${encodeURIComponent(query)}`);
  return answer.status === 200 ? names(answer) : outcome(answer);
};

const byField = (query: string) => async (s: Scene) => {
  await s.given('pods', pod('a', { case: 'yes' }));
  await s.given('pods', pod('b', { case: 'yes' }));
  await s.until('both to run', async () => {
    const { body } = await s.get('pods');
    return (at(body, 'items') as unknown[]).every((one) => at(one, 'status/phase') === 'Running');
  });
  const answer = await s.get(`pods?fieldSelector=${encodeURIComponent(query)}`);
  return answer.status === 200 ? names(answer) : outcome(answer);
};

/** Lists: selectors, pages, forms. */
export const ListingCases = cases({
  'a list has its own kind, items without theirs, in the order of names': async (s) => {
    await five(s);
    const answer = await s.get(`configmaps?${Ours}`);
    return { ...pick(answer.body, ['kind', 'apiVersion', 'items/0/kind']), names: names(answer) };
  },
  'a label selector of equality': selected('case=yes,name=b'),
  'a label selector of equality with two signs': selected('case=yes,name==b'),
  'a label selector of inequality': selected('case=yes,name!=b'),
  'a label selector of a set': selected('case=yes,name in (a, c,x)'),
  'a label selector of what is not in a set': selected('case=yes,name notin (a,c)'),
  'a label selector of presence': selected('case=yes,early'),
  'a label selector of absence': selected('case=yes,!early'),
  'a label selector with an empty value': selected('case=yes,early='),
  'a label selector that is larger than': selected('case=yes,name>1'),
  'a bad label selector with two operators is refused': selected('case=yes,name==='),
  'a bad label selector with an open set is refused': selected('name in (a'),
  'a bad label selector with a bad value is refused': selected('name=not good'),
  'a bad label selector with a bad key is refused': selected('-x=1'),
  'a field selector by name': byField('metadata.name=a'),
  'a field selector by another name': byField('metadata.name!=a'),
  'a field selector by phase': byField('status.phase=Running'),
  'a field selector by phases that are not': byField('status.phase!=Running'),
  'a field selector by two fields': byField('status.phase=Running,metadata.name=b'),
  'a field selector by address': byField('status.podIP=1.2.3.4'),
  'a field selector by a field that is not selectable is refused': byField('spec.hostname=a'),
  'a field selector that is none is refused': byField('nonsense'),
  'a field selector of another kind is refused by name': async (s) =>
    outcome(await s.get('configmaps?fieldSelector=data.x%3D1')),
  'a list in pages says how many remain and shows one moment': async (s) => {
    await five(s);
    const first = await s.get('configmaps?limit=2');
    await s.given('configmaps', configMap('aa', {}, { case: 'yes' }));
    const next = String(at(first.body, 'metadata/continue'));
    const second = await s.get(`configmaps?limit=2&continue=${encodeURIComponent(next)}`);
    return {
      first: names(first),
      second: names(second),
      sameMoment: at(first.body, 'metadata/resourceVersion') === at(second.body, 'metadata/resourceVersion'),
      remain: typeof at(first.body, 'metadata/remainingItemCount'),
    };
  },
  'a list in pages with a selector does not say how many remain': async (s) => {
    await five(s);
    const answer = await s.get(`configmaps?limit=2&${Ours}`);
    return {
      names: names(answer),
      continues: at(answer.body, 'metadata/continue') !== undefined,
      remain: at(answer.body, 'metadata/remainingItemCount') ?? null,
    };
  },
  'the last page has no continue': async (s) => {
    await five(s);
    const first = await s.get(`configmaps?limit=4&${Ours}`);
    const next = encodeURIComponent(String(at(first.body, 'metadata/continue')));
    const last = await s.get(`configmaps?limit=4&${Ours}&continue=${next}`);
    return { names: names(last), continue: at(last.body, 'metadata/continue') || null };
  },
  'a page after compaction is 410 Expired and offers to go on': async (s) => {
    await five(s);
    await s.backend.compact();
    const old = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'b\u0000' })).toString('base64url');
    const late = await s.get(`configmaps?limit=2&continue=${old}`);
    const onward = at(late.body, 'metadata/continue');
    const rest = await s.get(`configmaps?limit=2&continue=${encodeURIComponent(String(onward))}`);
    return { late: outcome(late), offers: typeof onward, rest: rest.status, names: names(rest) };
  },
  'a continue that is nonsense is a bad request': async (s) => {
    const { status, body } = await s.get('configmaps?limit=2&continue=nonsense');
    // What follows is Go's parser, byte by byte.
    const said = String(at(body, 'message')).startsWith('invalid continue token: continue key is not valid');
    return { status, reason: at(body, 'reason'), said };
  },
  'a list at a version not older than': async (s) => {
    await five(s);
    const { body } = await s.get('configmaps');
    const version = at(body, 'metadata/resourceVersion');
    return names(await s.get(`configmaps?${Ours}&resourceVersion=${version}`));
  },
  'a list at version 0 may be of any moment, and is a list': async (s) =>
    outcome(await s.get('configmaps?resourceVersion=0'), 'kind'),
  'a list at a version that is no number is a bad request': async (s) =>
    outcome(await s.get('configmaps?resourceVersion=abc')),
  'a metadata-only list has items that say what they are': async (s) => {
    await five(s);
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await s.get(`configmaps?${Ours}`, { accept });
    return {
      ...pick(body, ['kind', 'apiVersion', 'items/0/kind', 'items/0/apiVersion', 'items/0/metadata/name']),
      fields: Object.keys((at(body, 'items') as object[])[0] ?? {}).sort(),
    };
  },
  'a metadata-only get': async (s) => {
    await five(s);
    const { body } = await s.get('configmaps/a', {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    return { ...pick(body, ['kind', 'apiVersion', 'metadata/name']), fields: Object.keys(body as object).sort() };
  },
  'an Accept that cannot be served is NotAcceptable': async (s) =>
    outcome(await s.get('configmaps', { accept: 'text/html' })),
  'an Accept with a fallback is served by the first that fits': async (s) => {
    const { headers, status } = await s.get('configmaps', { accept: 'application/vnd.example, application/json' });
    return { status, type: headers['content-type'] };
  },
});
