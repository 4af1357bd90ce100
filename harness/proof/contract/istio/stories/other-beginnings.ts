import { at } from '../../observation.ts';
import { IstioDeployments, IstioServices, type MeshScene, Mutating } from '../mesh-scene.ts';
import { entryOf } from '../mesh-state.ts';
import type { Story } from '../story.ts';
import { injectionOf } from './injection-of.ts';
import { steps } from './steps.ts';

const probes = async (s: MeshScene) => ({
  enabled: injectionOf(await s.probe('enabled')),
  tagged: injectionOf(await s.probe('foo')),
  old: injectionOf(await s.probe('old')),
});
const Minimal = 'install -y --set profile=minimal --readiness-timeout 100s';
const Gateway = `${IstioDeployments}/istio-ingressgateway`;

const gateway = async (s: MeshScene) => {
  const { status, body } = await s.get(Gateway);
  const [container] = (at(body, 'spec/template/spec/containers') ?? []) as unknown[];
  const env = (at(container, 'env') ?? []) as { name: string; value?: string }[];
  return status === 404
    ? 'gone'
    : {
        rev: entryOf(body, 'metadata/labels', 'istio.io/rev'),
        component: entryOf(body, 'metadata/labels', 'operator.istio.io/component'),
        image: at(container, 'image'),
        inject: entryOf(body, 'spec/template/metadata/labels', 'sidecar.istio.io/inject'),
        address: env.find(({ name }) => name === 'CA_ADDR')?.value,
        generation: at(body, 'metadata/generation'),
      };
};

/** 41-default-taken-automatically, 46-helm-like, 49-from-non-revisioned. */
export const WithoutRevision: Story = {
  title: 'an installation without revision',
  steps: {
    ...steps('1.30.4', [Minimal]),
    'pods of the installation': async (s) => {
      await s.namespace('enabled', { 'istio-injection': 'enabled' });
      await s.namespace('foo', { 'istio.io/rev': 'default' });
      await s.namespace('old', { 'istio.io/rev': '1-30-4' });
      return probes(s);
    },
    'its own webhooks': async (s) => s.details(`${Mutating}/istio-sidecar-injector`),
    ...steps('1.30.4', [
      'tag list -o json',
      'tag list',
      'version',
      'version -o json',
      'uninstall --revision default --dry-run',
    ]),
    ...steps('1.31.0', [`${Minimal} --revision 1-31-0`]),
    'pods with a revision beside it': probes,
    ...steps('1.31.0', ['tag set default --revision 1-31-0', 'tag set default --revision 1-31-0 --overwrite']),
    'its own webhooks once a tag took over': async (s) => s.details(`${Mutating}/istio-sidecar-injector`),
    'pods once a tag took over': probes,
    'a workload of the revision': async (s) => {
      await s.workload('foo', 'foo');
      await s.mesh.untilConnected(2);
      return s.istioctl('1.31.0', 'uninstall --revision default --dry-run');
    },
    ...steps(
      '1.31.0',
      ['version', 'version --revision default', 'version -o json --revision default'],
      'one tag, two istiods',
    ),
    ...steps('1.31.0', ['tag set default --revision default --overwrite'], 'back'),
    'pods after the way back': probes,
    ...steps('1.31.0', ['tag set default --revision 1-31-0 --overwrite'], 'forward again'),
    ...steps('1.30.4', [Minimal], 'although a tag took over'),
    ...steps(
      '1.31.0',
      ['tag set default --revision 1-31-0 --overwrite -y', 'uninstall --revision default -y'],
      'at last',
    ),
    'pods after its uninstall': probes,
    'an istiod that istioctl does not own': async (s) => {
      const owner = 'install.operator.istio.io/owning-resource-namespace';
      await disown(s, owner);
      return s.istioctl('1.31.0', 'uninstall --revision 1-31-0 -y');
    },
    ...steps('1.30.4', ['tag remove default -y']),
    ...steps('1.30.4', [`${Minimal} --revision 1-30-4`], 'no revision has the default tag'),
    'pods after an installation took the default tag': probes,
  },
};

/** 36-default-profile, 45-install-more. */
export const DefaultProfile: Story = {
  title: 'the profile with a gateway',
  steps: {
    ...steps('1.30.4', ['install -y --revision 1-30-4 --readiness-timeout 100s']),
    'the gateway of the first revision': gateway,
    ...steps('1.31.0', ['install -y --revision 1-31-0 --readiness-timeout 100s']),
    'the gateway of the second revision': gateway,
    ...steps('1.31.0', ['uninstall --revision 1-31-0 --dry-run', 'uninstall --revision 1-31-0']),
    ...steps(
      '1.31.0',
      ['install -y --set profile=minimal --revision 1-31-0 --readiness-timeout 100s'],
      'without gateway',
    ),
    'the gateway after that': gateway,
    ...steps('1.30.4', ['install -y --set profile=minimal --revision 1-30-4 --readiness-timeout 100s'], 'over itself'),
  },
};

/** As if another program had applied it. */
async function disown(s: MeshScene, label: string): Promise<void> {
  const selector = encodeURIComponent(`istio.io/rev=1-31-0,${label}`);
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const local = (root: string, plural: string) => `${root}/namespaces/istio-system/${plural}`;
  const collections = [
    IstioDeployments,
    IstioServices,
    local('/api/v1', 'configmaps'),
    local('/api/v1', 'serviceaccounts'),
    local(rbac, 'roles'),
    local(rbac, 'rolebindings'),
    local('/apis/autoscaling/v2', 'horizontalpodautoscalers'),
    `${rbac}/clusterroles`,
    `${rbac}/clusterrolebindings`,
    Mutating,
    Mutating.replace('mutating', 'validating'),
  ];
  for (const path of collections) {
    const { body } = await s.get(`${path}?labelSelector=${selector}`);
    for (const item of (at(body, 'items') ?? []) as unknown[])
      await s.patch('merge', `${path}/${String(at(item, 'metadata/name'))}`, {
        metadata: { labels: { [label]: null } },
      });
  }
}
