import { waitUntil } from '../../lab/wait-until.ts';
import type { LabBackend } from '../lab-backend.ts';
import { at } from '../observation.ts';
import type { IstioVersion, MeshBackend } from './mesh-backend.ts';

const CommandMs = 120_000;
const Workers = 4;
const GoneMs = 30_000;
const Admission = '/apis/admissionregistration.k8s.io/v1';
const IstiodPods = '/api/v1/namespaces/istio-system/pods?labelSelector=app%3Distiod';
const TagServices = '/api/v1/namespaces/istio-system/services?labelSelector=istio.io%2Ftag';
const Remover: IstioVersion = '1.31.0';

/** The lab, with the real istioctl and istiods; one for all stories, which run one after the other. */
export function labMesh(backend: LabBackend): MeshBackend {
  const { lab, send } = backend;
  const run = async (version: IstioVersion, args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await lab.exec(lab.binaries.istioctl(version), args, {
      stdin: 'ignore',
      reject: false,
      timeout: CommandMs,
      stripFinalNewline: false,
    });
    return { exitCode: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
  };
  const items = async (path: string) => (at((await send('GET', path, undefined, {})).body, 'items') ?? []) as unknown[];
  return {
    ...backend,
    istioctl: run,
    freezeKubelet: (frozen) => lab.kubelet.freeze(frozen),
    async trouble(revision, trouble) {
      if (trouble === 'hangs') await lab.kubelet.signalIstiod(revision, 'SIGSTOP');
      if (trouble === 'answers') {
        await lab.kubelet.signalIstiod(revision, 'SIGCONT');
        await lab.kubelet.freeze(false);
      }
      if (trouble === 'refuses connections') {
        // Its endpoint stays listed until a report says that it is gone.
        await lab.kubelet.freeze(true);
        await lab.kubelet.signalIstiod(revision, 'SIGKILL');
      }
    },
    untilConnected: async (proxies) => {
      await waitUntil(`${proxies} connected proxies`, async () => (await lab.status()).proxies.connected >= proxies, {
        deadlineMs: GoneMs,
      });
    },
    async sideBySide(work) {
      const waiting = [...work];
      const worker = async () => {
        for (let one = waiting.shift(); one; one = waiting.shift()) await one();
      };
      await Promise.all(Array.from({ length: Workers }, worker));
    },
    async empty() {
      await lab.kubelet.freeze(false);
      await run(Remover, ['uninstall', '--purge', '-y']);
      // Made by `tag set`, or by a case: no uninstall takes those.
      for (const kind of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'])
        await send('DELETE', `${Admission}/${kind}`, undefined, {});
      for (const service of await items(TagServices))
        await send(
          'DELETE',
          `/api/v1/namespaces/istio-system/services/${String(at(service, 'metadata/name'))}`,
          undefined,
          {},
        );
      await waitUntil('the end of every istiod', async () => (await items(IstiodPods)).length === 0, {
        deadlineMs: GoneMs,
      });
    },
  };
}
