import { at } from '../../observation.ts';
import type { MeshScene } from '../mesh-scene.ts';
import type { Story } from '../story.ts';
import { steps } from './steps.ts';

const Definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** The Gateway API as an old release of it is served. */
async function oldGatewayApi(s: MeshScene): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const created = await s.post(Definitions, {
    metadata: {
      name: 'gateways.gateway.networking.k8s.io',
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/1086' },
    },
    spec: {
      group: 'gateway.networking.k8s.io',
      scope: 'Namespaced',
      names: { plural: 'gateways', singular: 'gateway', kind: 'Gateway', listKind: 'GatewayList' },
      versions: [{ name: 'v1beta1', served: true, storage: true, schema }],
    },
  });
  if (created.status !== 201) throw new Error(JSON.stringify(created.body));
  await s.until('the definition to be served', async () => {
    const { body } = await s.get('/apis/gateway.networking.k8s.io');
    return at(body, 'kind') === 'APIGroup';
  });
}

/** 31-precheck-findings, 47-log-pollution. */
export const WithoutRights: Story = {
  title: 'who may not, and what is too old',
  steps: {
    ...steps('1.31.0', [
      'x precheck --as weak',
      'x precheck -o json --as weak',
      'tag list -o json --as weak',
      'tag set default --revision 1-31-0 --overwrite --as weak',
      'tag generate default --revision 1-31-0 --as weak',
      'tag remove default -y --as weak',
      'uninstall -y --revision 1-30-4 --as weak',
      'version --revision 1-31-0 --as weak',
      'version --revision 1-31-0 -o json --as weak --log_target stderr',
      'proxy-status --revision 1-31-0 --as weak',
      'proxy-status --revision 1-31-0 -o json --as weak',
      'analyze -A -o json --as weak',
    ]),
    'an old Gateway API': async (s) => {
      await oldGatewayApi(s);
      return {
        table: await s.istioctl('1.31.0', 'x precheck'),
        json: await s.istioctl('1.31.0', 'x precheck -o json'),
        threshold: await s.istioctl('1.31.0', 'x precheck -o json --output-threshold Error'),
        older: await s.istioctl('1.30.4', 'x precheck -o json'),
      };
    },
    'no Gateway API': async (s) => {
      await s.remove(`${Definitions}/gateways.gateway.networking.k8s.io`);
      await s.until('its end', async () => (await s.get('/apis/gateway.networking.k8s.io')).status === 404);
      return s.istioctl('1.31.0', 'x precheck -o json');
    },
  },
};
