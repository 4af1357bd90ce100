import { at } from '../../observation.ts';
import type { MeshScene } from '../mesh-scene.ts';
import { entryOf } from '../mesh-state.ts';
import type { Story } from '../story.ts';

const Group = 'gateway.networking.k8s.io';
const Definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const Install = (version: string) =>
  `install -y --set profile=minimal --revision ${version.replaceAll('.', '-')} --readiness-timeout 100s`;

const Kinds = [
  { plural: 'gatewayclasses', kind: 'GatewayClass', scope: 'Cluster' },
  { plural: 'gateways', kind: 'Gateway', scope: 'Namespaced' },
  { plural: 'httproutes', kind: 'HTTPRoute', scope: 'Namespaced' },
  { plural: 'referencegrants', kind: 'ReferenceGrant', scope: 'Namespaced' },
];

/** The definitions without their schemas. */
async function defineGatewayApi(s: MeshScene): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  for (const { plural, kind, scope } of Kinds) {
    await s.given(Definitions, {
      metadata: {
        name: `${plural}.${Group}`,
        annotations: {
          'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/3328',
          'gateway.networking.k8s.io/bundle-version': 'v1.4.0',
        },
      },
      spec: {
        group: Group,
        scope,
        names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
        versions: ['v1', 'v1beta1'].map((name, index) => ({
          name,
          served: true,
          storage: index === 0,
          schema,
          subresources: { status: {} },
        })),
      },
    });
    await s.until(`${plural} to be served`, async () => (await s.get(`/apis/${Group}/v1/${plural}`)).status === 200);
  }
}

async function gateway(s: MeshScene, namespace: string, labels: Record<string, string> = {}): Promise<void> {
  await s.namespace(namespace);
  await s.given(`/apis/${Group}/v1/namespaces/${namespace}/gateways`, {
    apiVersion: `${Group}/v1`,
    kind: 'Gateway',
    metadata: { name: 'public', labels },
    spec: {
      gatewayClassName: 'istio',
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } }],
    },
  });
}

const pathOf = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/public-istio`;

/** What stands in the Deployment that istiod keeps for a Gateway, once its image is that release's. */
async function deploymentOf(s: MeshScene, namespace: string, version: string): Promise<object> {
  const image = `docker.io/istio/proxyv2:${version}`;
  const found = await s.untilObject(
    pathOf(namespace),
    (object) => at(object, 'spec/template/spec/containers/0/image') === image,
  );
  return {
    name: at(found, 'metadata/name'),
    revision: entryOf(found, 'metadata/labels', 'istio.io/rev'),
    podRevision: entryOf(found, 'spec/template/metadata/annotations', 'istio.io/rev'),
    image,
    container: at(found, 'spec/template/spec/containers/0/name'),
    owner: at(found, 'metadata/ownerReferences/0/kind'),
  };
}

/** 48-gateway-api: a gateway without a revision of its own goes with the tag, by itself. */
export const GatewayApi: Story = {
  title: 'gateways of the Gateway API',
  steps: {
    'a Gateway that names no revision, and one that does': async (s) => {
      await defineGatewayApi(s);
      await s.givenCommand('1.30.4', Install('1.30.4'));
      await gateway(s, 'follows');
      await gateway(s, 'pinned', { 'istio.io/rev': '1-30-4' });
      return { follows: await deploymentOf(s, 'follows', '1.30.4'), pinned: await deploymentOf(s, 'pinned', '1.30.4') };
    },
    'a second revision moves nothing': async (s) => {
      await s.givenCommand('1.31.0', Install('1.31.0'));
      await s.backend.sleep(2_000);
      return { follows: await deploymentOf(s, 'follows', '1.30.4'), pinned: await deploymentOf(s, 'pinned', '1.30.4') };
    },
    'the tag takes only the one along that names no revision': async (s) => {
      await s.givenCommand('1.31.0', 'tag set default --revision 1-31-0 --overwrite');
      return { follows: await deploymentOf(s, 'follows', '1.31.0'), pinned: await deploymentOf(s, 'pinned', '1.30.4') };
    },
    'the way back as well': async (s) => {
      await s.givenCommand('1.31.0', 'tag set default --revision 1-30-4 --overwrite');
      return { follows: await deploymentOf(s, 'follows', '1.30.4'), pinned: await deploymentOf(s, 'pinned', '1.30.4') };
    },
    'an uninstall of the new revision dry': async (s) => s.istioctl('1.31.0', 'uninstall --revision 1-31-0 --dry-run'),
    'the end of the Gateway API': async (s) => {
      for (const { plural } of Kinds) await s.remove(`${Definitions}/${plural}.${Group}`);
      await s.until('its end', async () => (await s.get(`/apis/${Group}`)).status === 404);
      return 'gone';
    },
  },
};
