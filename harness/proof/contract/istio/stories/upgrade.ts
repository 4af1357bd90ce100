import { at } from '../../observation.ts';
import { IstioDeployments, IstioServices, type MeshScene, Mutating, Validating } from '../mesh-scene.ts';
import type { Story } from '../story.ts';
import { injectionOf } from './injection-of.ts';
import { inventory } from './inventory.ts';
import { steps } from './steps.ts';

const Tag = `${Mutating}/istio-revision-tag-default`;
const TagService = `${IstioServices}/istiod-revision-tag-default`;
const Validator = `${Validating}/istiod-default-validator`;
const MoveTag = 'tag set default --revision 1-31-0 --overwrite';
const MoveBack = 'tag set default --revision 1-30-4 --overwrite';

/** All that a tag consists of, with labels and writers. */
const tag = async (s: MeshScene) => ({
  webhook: await s.details(Tag),
  service: await s.details(TagService),
  validator: await s.details(Validator),
});

/** Another configuration with the webhooks of the default tag. */
async function duplicate(s: MeshScene, labels: Record<string, string>): Promise<void> {
  const { body } = await s.get(Tag);
  await s.given(Mutating, { metadata: { name: 'zz-dup', labels }, webhooks: at(body, 'webhooks') });
}
const withoutDuplicate = (s: MeshScene) => s.remove(`${Mutating}/zz-dup`);

const installedNothing = ['x precheck', 'x precheck -o json', 'tag list', 'tag list -o json'];
const looks = [
  'version',
  'version -o json',
  'tag list',
  'tag list -o json',
  'x precheck -o json',
  'analyze -A -o json',
];

/** 00-install-old, 10-stages, 20-version-proxystatus, 32-tag, 33-tag-conflict, 37-uninstall, 42-split-and-panic, 43-more-tag. */
export const Upgrade: Story = {
  title: 'an upgrade',
  steps: {
    ...steps('1.30.4', ['install -y --set profile=minimal --revision 1-30-4 --readiness-timeout 100s']),
    'what an installation makes': inventory,
    'the tag that an installer makes': tag,
    'the webhooks of a revision': async (s) => ({
      injector: await s.details(`${Mutating}/istio-sidecar-injector-1-30-4`),
      validator: await s.details(`${Validating}/istio-validator-1-30-4-istio-system`),
    }),
    ...steps('1.31.0', installedNothing),
    ...steps('1.30.4', ['version', 'version -o json', 'tag set default --revision 1-30-4'], 'without proxies'),
    ...steps('1.31.0', ['uninstall --revision 1-30-4 --dry-run'], 'without proxies'),
    'two workloads join the mesh': async (s) => {
      await s.namespace('foo', { 'istio.io/rev': 'default' });
      await s.workload('foo', 'foo');
      await s.namespace('bar', { 'istio.io/rev': 'default' });
      await s.workload('bar', 'bar', 1);
      await s.mesh.untilConnected(3);
      return 'ready';
    },
    ...steps('1.31.0', ['uninstall --revision 1-30-4', 'uninstall --revision 1-30-4 --dry-run'], 'with proxies'),
    ...steps('1.31.0', ['version', 'version -o json', 'analyze -A', 'analyze -A --revision 1-30-4'], 'with proxies'),
    ...steps('1.31.0', [
      'install -y --set profile=minimal --revision bad-tag --set tag=9.9.9 --readiness-timeout 3s',
      'uninstall -y --revision bad-tag',
      'install -y --set profile=minimal --revision 1-31-0 --readiness-timeout 100s',
    ]),
    ...steps('1.31.0', looks, 'beside the old one'),
    ...steps('1.30.4', looks, 'beside the old one'),
    'istioctl takes its own clients for proxies': async (s) => {
      for (const _ of [1, 2]) await s.givenCommand('1.31.0', 'proxy-status --revision 1-31-0');
      return {
        proxies: await s.istioctl('1.31.0', 'proxy-status --revision 1-31-0'),
        version: await s.istioctl('1.31.0', 'version --revision 1-31-0'),
        json: await s.istioctl('1.31.0', 'version --revision 1-31-0 -o json'),
        uninstall: await s.istioctl('1.31.0', 'uninstall --revision 1-31-0'),
      };
    },
    'what the product hears beside the old one': (s) => questions(s),
    ...steps('1.31.0', [
      'analyze -A -o json --revision 1-31-0',
      'analyze -A -o json --revision 1-30-4',
      'tag set default --revision 9-9-9 --overwrite',
      'tag set default --revision 1-31-0',
      'tag set default --revision 1-30-4',
      'tag generate default --revision 1-31-0',
      'tag generate default --revision 1-31-0 --overwrite',
      'tag set 1-30-4 --revision 1-31-0',
      'tag set 1-30-4 --revision 1-31-0 --overwrite',
      'tag set canary --revision 1-31-0',
      'tag list -o json',
      'tag list',
      'tag remove nope',
      'tag remove 1-30-4',
    ]),
    'a tag that istioctl makes': async (s) => ({
      webhook: await s.details(`${Mutating}/istio-revision-tag-canary`),
      service: await s.details(`${IstioServices}/istiod-revision-tag-canary`),
    }),
    'a namespace uses it': async (s) => {
      await s.namespace('usestag', { 'istio.io/rev': 'canary' });
      return s.istioctl('1.31.0', 'tag remove canary');
    },
    ...steps('1.31.0', ['tag remove canary -y'], 'in use'),
    ...steps('1.31.0', ['tag remove canary -y'], 'gone already'),
    ...steps('1.31.0', [MoveTag], 'forward'),
    'the tag that was moved': tag,
    ...steps('1.31.0', [MoveBack], 'back'),
    ...steps('1.30.4', [MoveTag], 'forward'),
    ...steps('1.30.4', [MoveBack], 'back'),
    ...steps('1.31.0', [`${MoveTag} --auto-inject-namespaces`]),
    'the tag that injects everywhere': tag,
    'pods while everything is injected': async (s) => {
      await s.namespace('outside');
      const probe = async (namespace: string, labels = {}) => injectionOf(await s.probe(namespace, { labels }));
      return {
        outside: await probe('outside'),
        optedOut: await probe('outside', { 'sidecar.istio.io/inject': 'false' }),
        revision: await probe('outside', { 'istio.io/rev': '1-30-4' }),
        tagged: await probe('foo'),
        'kube-system': await probe('kube-system'),
      };
    },
    ...steps('1.31.0', [MoveBack], 'after it injected everywhere'),
    ...steps('1.31.0', ['install -y --set profile=minimal --revision 1-30-4 --dry-run'], 'in place'),
    ...steps('1.30.4', ['install -y --set profile=minimal --revision 1-31-0 --dry-run'], 'in place'),
    'an installation whose webhooks are there under another name': async (s) => {
      const { body } = await s.get(`${Mutating}/istio-sidecar-injector-1-31-0`);
      await s.given(Mutating, { metadata: { name: 'zz-dup' }, webhooks: at(body, 'webhooks') });
      const refused = await s.istioctl('1.31.0', 'install -y --set profile=minimal --revision 1-31-0');
      await withoutDuplicate(s);
      return refused;
    },
    'a duplicate without a revision': async (s) => {
      await duplicate(s, {});
      return s.istioctl('1.31.0', MoveTag);
    },
    ...steps('1.31.0', ['tag generate default --revision 1-31-0 --overwrite'], 'beside a duplicate'),
    'what the product hears beside a duplicate': (s) => questions(s),
    ...steps('1.31.0', [`${MoveTag} -y`, 'tag list', `${MoveBack} -y`], 'beside a duplicate'),
    'a duplicate that carries the old revision and a tag': async (s) => {
      await withoutDuplicate(s);
      await duplicate(s, { 'istio.io/rev': '1-30-4', 'istio.io/tag': 'dup' });
      return s.istioctl('1.31.0', MoveTag);
    },
    'a duplicate that carries the new revision and a tag': async (s) => {
      await withoutDuplicate(s);
      await s.givenCommand('1.31.0', `${MoveBack} -y`);
      await duplicate(s, { 'istio.io/rev': '1-31-0', 'istio.io/tag': 'dup' });
      return s.istioctl('1.31.0', MoveTag);
    },
    'a duplicate that carries the new revision': async (s) => {
      await withoutDuplicate(s);
      await duplicate(s, { 'istio.io/rev': '1-31-0' });
      const refused = await s.istioctl('1.31.0', MoveTag);
      await withoutDuplicate(s);
      return refused;
    },
    'a tag whose webhook alone was moved': async (s) => {
      await s.givenCommand('1.31.0', MoveTag);
      const { body: webhook } = await s.get(Tag);
      await s.givenCommand('1.31.0', MoveBack);
      const { body: now } = await s.get(Tag);
      const webhooks = (at(webhook, 'webhooks') as unknown[]) ?? [];
      await s.put(Tag, {
        ...(now as object),
        metadata: {
          ...(at(now, 'metadata') as object),
          labels: at(webhook, 'metadata/labels'),
        },
        webhooks,
      });
      return { list: await s.istioctl('1.31.0', 'tag list -o json'), table: await s.istioctl('1.31.0', 'tag list') };
    },
    'a tag without its webhook': async (s) => {
      await s.remove(Tag);
      return {
        list: await s.istioctl('1.31.0', 'tag list -o json'),
        set: await s.istioctl('1.31.0', 'tag set default --revision 1-31-0'),
        overwrite: await s.istioctl('1.31.0', MoveTag),
      };
    },
    'a tag without its Service': async (s) => {
      await s.remove(TagService);
      return {
        list: await s.istioctl('1.31.0', 'tag list -o json'),
        set: await s.istioctl('1.31.0', 'tag set default --revision 1-31-0'),
        overwrite: await s.istioctl('1.31.0', MoveTag),
      };
    },
    'a revision without its Service': async (s) => {
      const path = `${IstioServices}/istiod-1-31-0`;
      const { body } = await s.get(path);
      await s.remove(path);
      const said = {
        set: await s.istioctl('1.31.0', MoveTag),
        injecting: await s.istioctl('1.31.0', `${MoveTag} --auto-inject-namespaces`),
        analyze: await s.istioctl('1.31.0', 'analyze -A'),
      };
      await s.given(IstioServices, withoutIdentity(body));
      return said;
    },
    'a revision without its webhook': async (s) => {
      const path = `${Mutating}/istio-sidecar-injector-1-31-0`;
      const { body } = await s.get(path);
      await s.remove(path);
      const said = await s.istioctl('1.31.0', MoveTag);
      const heard = await s.asked('1.31.0', ({ meshTool }) => meshTool.tagConflicts('default', '1-31-0'));
      await s.given(Mutating, withoutIdentity(body));
      return { said, heard };
    },
    ...steps('1.31.0', [MoveBack], 'whole again'),
    ...steps('1.31.0', [
      'proxy-status --revision 9-9-9',
      'proxy-status --revision 9-9-9 -o json',
      'proxy-status --revision 1-31-0',
      'proxy-status --revision 1-31-0 -o json',
      'proxy-status --revision 1-30-4',
      'proxy-status --revision 1-30-4 -v 1',
      'proxy-status',
      'proxy-status -n foo',
    ]),
    ...steps('1.30.4', ['proxy-status --revision 1-30-4']),
    'the proxies of a revision as JSON': async (s) => {
      const { stdout } = await s.givenCommand('1.31.0', 'proxy-status --revision 1-30-4 -o json');
      return proxies(stdout);
    },
    'an istiod of two pods': async (s) => {
      const path = `${IstioDeployments}/istiod-1-30-4`;
      await s.patch('merge', path, { spec: { replicas: 2 } });
      await s.untilObject(path, (object) => at(object, 'status/readyReplicas') === 2);
      const { stdout } = await s.givenCommand('1.31.0', 'version --revision 1-30-4 -o json');
      return {
        istiods: (at(JSON.parse(stdout), 'meshVersion') as object[]).map((istiod) => ({
          component: at(istiod, 'Component'),
          revision: at(istiod, 'Revision'),
          version: at(istiod, 'Info/version'),
        })),
        heard: await s.asked('1.31.0', async ({ meshTool }) => [...(await meshTool.connectedProxies('1-30-4'))].sort()),
      };
    },
  },
};

/** Everything that the product asks before it changes anything. */
const questions = async (s: MeshScene) => ({
  version: await s.asked('1.31.0', ({ meshTool }) => meshTool.version()),
  precheck: await s.asked('1.31.0', ({ meshTool }) => meshTool.precheck()),
  analyzeOld: await s.asked('1.31.0', ({ meshTool }) => meshTool.analyze('1-30-4')),
  analyzeNew: await s.asked('1.31.0', ({ meshTool }) => meshTool.analyze('1-31-0')),
  tagConflicts: await s.asked('1.31.0', ({ meshTool }) => meshTool.tagConflicts('default', '1-31-0')),
  tagConflictsOfNobody: await s.asked('1.31.0', ({ meshTool }) => meshTool.tagConflicts('default', '9-9-9')),
  removalOfOld: await s.asked('1.31.0', ({ installer }) =>
    installer.previewRemoval({ revision: '1-30-4', version: '1.30.4' }),
  ),
  removalOfNobody: await s.asked('1.31.0', ({ installer }) =>
    installer.previewRemoval({ revision: '9-9-9', version: '1.30.4' }),
  ),
  proxiesOfOld: await s.asked('1.31.0', async ({ meshTool }) =>
    [...(await meshTool.connectedProxies('1-30-4'))].sort(),
  ),
  proxiesOfNobody: await s.asked('1.31.0', ({ meshTool }) => meshTool.connectedProxies('9-9-9')),
});

const withoutIdentity = (object: unknown): object => ({
  ...(object as object),
  metadata: {
    name: at(object, 'metadata/name'),
    labels: at(object, 'metadata/labels'),
  },
  ...(at(object, 'spec/clusterIP') === undefined
    ? {}
    : { spec: { ports: at(object, 'spec/ports'), selector: at(object, 'spec/selector') } }),
});

/** Its resources come in no order. */
function proxies(text: string): unknown {
  const answer = JSON.parse(text) as Record<string, unknown>;
  const resources = [...((answer['resources'] ?? []) as unknown[])].sort((a, b) =>
    String(at(a, 'node/id')) < String(at(b, 'node/id')) ? -1 : 1,
  );
  const untimed = JSON.stringify(resources).replace(/"lastUpdated":"[^"]*"/g, '"lastUpdated":"<time>"');
  return { fields: Object.keys(answer), typeUrl: answer['typeUrl'], resources: JSON.parse(untimed) };
}
