import { at } from '../../observation.ts';
import { outcome } from '../../scene.ts';
import { IstioServices, type MeshScene, Mutating, Validating } from '../mesh-scene.ts';
import type { Story } from '../story.ts';
import { injectionOf } from './injection-of.ts';
import { inventory } from './inventory.ts';
import { steps } from './steps.ts';

const Install = (version: string) =>
  `install -y --set profile=minimal --revision ${version.replaceAll('.', '-')} --readiness-timeout 100s`;
const Gateways = '/apis/networking.istio.io/v1/namespaces/foo/gateways';

const probe = async (s: MeshScene) => injectionOf(await s.probe('foo'));
const istioGateway = async (s: MeshScene) =>
  outcome(
    await s.post(`${Gateways}?dryRun=All`, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'g' },
      spec: {
        selector: { istio: 'x' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
      },
    }),
  );

/** 37-uninstall, 44-uninstall-without-y, 22-empty-mesh: a live tag, made by an installer or by istioctl. */
export const Uninstalls: Story = {
  title: 'uninstalls',
  steps: {
    'two revisions, and a workload of the old one': async (s) => {
      await s.givenCommand('1.30.4', Install('1.30.4'));
      await s.givenCommand('1.31.0', Install('1.31.0'));
      await s.namespace('foo', { 'istio.io/rev': 'default' });
      await s.workload('foo', 'foo');
      await s.mesh.untilConnected(2);
      return s.state();
    },
    'Istio configuration while istiod answers': istioGateway,
    ...steps('1.31.0', [
      'uninstall -y --revision 9-9-9',
      'uninstall --revision 1-31-0 --dry-run',
      'uninstall --revision 1-30-4 --dry-run',
      'uninstall --revision 1-30-4',
      'uninstall --revision 1-30-4 -y',
    ]),
    'a pod after the uninstall of what an installer-made tag names': probe,
    'what is left': inventory,
    ...steps(
      '1.31.0',
      ['tag list', 'tag list -o json', 'version', 'version -o json', 'proxy-status'],
      'no default tag',
    ),
    ...steps('1.31.0', ['uninstall --revision 1-30-4 -y'], 'a second time'),
    ...steps('1.31.0', ['tag set default --revision 1-31-0']),
    'the tag that tag set makes': async (s) => ({
      webhook: await s.details(`${Mutating}/istio-revision-tag-default`),
      service: await s.details(`${IstioServices}/istiod-revision-tag-default`),
      validator: await s.details(`${Validating}/istiod-default-validator`),
    }),
    'a pod by that tag': probe,
    ...steps('1.31.0', ['uninstall --revision 1-31-0 -y']),
    'a pod after the uninstall of what a tag made by tag set names': async (s) => outcome(await s.probe('foo')),
    'Istio configuration after it': istioGateway,
    'a restart after it': async (s) => {
      const path = '/apis/apps/v1/namespaces/foo/deployments/foo';
      await s.patch('strategic', path, {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
      });
      const found = await s.untilObject(path, (object) =>
        JSON.stringify(at(object, 'status/conditions') ?? []).includes('ReplicaFailure'),
      );
      const conditions = at(found, 'status/conditions') as unknown[];
      return conditions
        .map((one) => `${at(one, 'type')}=${at(one, 'status')} ${at(one, 'reason')}: ${at(one, 'message')}`)
        .map((line) => line.replace(/"foo-[a-z0-9]+"/, '"foo-<hash>"'))
        .sort();
    },
    ...steps(
      '1.31.0',
      [
        'tag list -o json',
        'tag list',
        'x precheck',
        'analyze -A -o json',
        'version',
        'tag set default --revision 1-31-0 --overwrite',
        'tag remove default -y',
      ],
      'the tag dangles',
    ),
    'a pod after the tag is gone': probe,
    ...steps('1.31.0', [Install('1.31.0')], 'after a tag was removed'),
    ...steps('1.31.0', ['uninstall --purge -y', 'uninstall --purge -y --dry-run', 'tag list', 'version'], 'at the end'),
  },
};
