import type { Istioctl } from '../../../../../src/istioctl/istioctl.ts';
import type { Manifest } from '../../../../../src/model/manifest-object.ts';
import { at } from '../../observation.ts';
import type { IstioVersion } from '../mesh-backend.ts';
import { IstioDeployments, type MeshScene } from '../mesh-scene.ts';
import { entryOf } from '../mesh-state.ts';
import type { Story } from '../story.ts';
import { steps } from './steps.ts';

const ByBoth = [
  'tag list',
  'tag list -o json',
  'version --remote=false -o json',
  'version',
  'version -o json',
  'proxy-status',
  'proxy-status -o json --revision 1-31-0',
  'x precheck',
  'x precheck -o json',
  'tag set default --revision 1-31-0',
  'tag generate default --revision 1-31-0',
  'tag remove default',
  'tag set default',
  'uninstall -y --revision 1-31-0',
  'uninstall -y',
  'analyze -A -o json',
  'analyze -A',
  'analyze -n nosuch',
  'verify-install',
  'operator init',
];
const ByNew = [
  'install --set profile=minimal --revision 1-31-0',
  'install -y --set profile=minimal --revision 1.31.0',
  'install -y --set profile=minimal --revision 1_31',
  'install -y --set profile=nope --revision 1-31-0',
  'install -y --set profile=minimal --revision 1-31-0 --dry-run',
  'install --set profile=minimal --revision 1-31-0 --verify --dry-run',
];

/** 30-precheck-failures; `version` and `proxy-status` would wait for ever. */
const Unreachable = [
  'x precheck',
  'x precheck -o json',
  'tag list -o json',
  'tag set default --revision 1-31-0 --overwrite',
  'analyze -A -o json',
  'version -o json --revision 1-31-0',
  'proxy-status -o json --revision 1-31-0',
  'install -y --set profile=minimal --revision 1-31-0 --readiness-timeout 20s',
  'uninstall -y --revision 1-31-0',
];
/** It exists and names no cluster, so that istioctl takes localhost for one. */
const Nowhere = '/dev/null';

const New: IstioVersion = '1.31.0';

/** 21-missing-commands, 22-empty-mesh, 34-install-failures, 35-empty-cabundle. */
export const EmptyCluster: Story = {
  title: 'an empty cluster',
  steps: {
    ...steps('1.30.4', ByBoth),
    ...steps(New, ByBoth),
    ...steps(New, ByNew),
    'what an installation would make': async (s) => {
      const install = { revision: '1-31-0', version: '1.31.0', set: [], readinessTimeoutMs: 1_000 };
      const lines = async (ask: (istioctl: Istioctl) => Promise<Manifest>) => {
        const { objects } = (await s.asked('1.31.0', ask)) as Manifest;
        return objects.map(({ kind, name, namespace = '-' }) => `${kind} ${namespace}/${name}`).sort();
      };
      return {
        minimal: await lines(({ installer }) => installer.preview(install)),
        nonsense: await s.asked('1.31.0', ({ installer }) => installer.preview({ ...install, revision: '1.31.0' })),
      };
    },
    'a cluster that cannot be reached': async (s) => {
      const said: Record<string, object> = {};
      for (const command of Unreachable)
        said[command] = await s.istioctl('1.31.0', `${command} --kubeconfig ${Nowhere}`);
      return said;
    },
    'commands that never were': (s) => s.istioctl('1.31.0', 'x revision list'),
    'an istiod that no kubelet starts': async (s) => {
      await s.mesh.freezeKubelet(true);
      return s.istioctl(New, 'install -y --set profile=minimal --revision 1-31-0 --readiness-timeout 3s');
    },
    'the Deployment of an istiod that is not ready': async (s) => conditions(s, 'istiod-1-31-0'),
    ...steps(New, ['proxy-status --revision 1-31-0', 'tag list', 'uninstall --revision 1-31-0 --dry-run']),
    'a tag on a revision that never started': async (s) => s.istioctl(New, 'tag set default --revision 1-31-0'),
    'a pod whose tag leads to an istiod that never started': async (s) => {
      await s.namespace('foo', { 'istio.io/rev': 'default' });
      const { status, body } = await s.probe('foo');
      return { status, message: at(body, 'message') };
    },
    'everything heals when it starts': async (s) => {
      await s.mesh.freezeKubelet(false);
      await s.untilObject(`${IstioDeployments}/istiod-1-31-0`, (object) => at(object, 'status/readyReplicas') === 1);
      const state = await s.state();
      const { status, body } = await s.probe('foo');
      return { state, status, revision: entryOf(body, 'metadata/annotations', 'istio.io/rev') };
    },
  },
};

async function conditions(s: MeshScene, name: string): Promise<string[]> {
  const found = (at((await s.get(`${IstioDeployments}/${name}`)).body, 'status/conditions') ?? []) as unknown[];
  return found.map((one) => `${at(one, 'type')}=${at(one, 'status')} ${at(one, 'reason')}`).sort();
}
