import { type Istioctl, istioctlOver } from '../../../../src/istioctl/istioctl.ts';
import type { ProcessRunner } from '../../../../src/istioctl/process-runner.ts';
import { UpgradeError } from '../../../../src/model/upgrade-error.ts';
import { deployment } from '../cases/objects.ts';
import { at, comparable, type Observation } from '../observation.ts';
import { outcome, Scene } from '../scene.ts';
import type { CommandOutput, IstioVersion, MeshBackend } from './mesh-backend.ts';
import { deploymentLine, detailsOf, mutatingLine, serviceLine, validatingLine } from './mesh-state.ts';
import { linesOf, wordsOf } from './mesh-words.ts';

export const Admission = '/apis/admissionregistration.k8s.io/v1';
export const Mutating = `${Admission}/mutatingwebhookconfigurations`;
export const Validating = `${Admission}/validatingwebhookconfigurations`;
export const IstioServices = '/api/v1/namespaces/istio-system/services';
export const IstioDeployments = '/apis/apps/v1/namespaces/istio-system/deployments';

/** Longer than what an uninstall leaves behind takes to go. */
const GoneMs = 1_000;

export interface Probe {
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  spec?: object;
}

/** Each backend gives its own. */
const withoutAddresses = (seen: Observation): Observation =>
  JSON.parse(JSON.stringify(seen).replace(/\b10\.\d+\.\d+\.\d+\b/g, '<address>')) as Observation;

/** One story's cluster, and the ways to act on it. */
export class MeshScene extends Scene {
  readonly mesh: MeshBackend;
  readonly #namespaces: string[] = [];
  #lastState = '';

  constructor(mesh: MeshBackend) {
    super(mesh, 'foo');
    // Names of namespaces are part of what istioctl says.
    this.words.clear();
    this.mesh = mesh;
  }

  async observe(look: () => Promise<Observation>): Promise<Observation> {
    return withoutAddresses(comparable(await look(), this.words));
  }

  /** Runs istioctl and shows what it said, and Istio's objects afterwards if they are others than before. */
  async istioctl(version: IstioVersion, command: string): Promise<object> {
    await this.#learnPods();
    const output = await this.mesh.istioctl(version, command.split(' '));
    await this.#learnPods();
    // Deployments are deleted in the background.
    if (command.startsWith('uninstall') && output.exitCode === 0) await this.backend.sleep(GoneMs);
    const said = { exit: output.exitCode, stdout: linesOf(output.stdout), stderr: linesOf(output.stderr) };
    const before = this.#lastState;
    const state = await this.state();
    return before === JSON.stringify(state) ? said : { ...said, state };
  }

  /** The product's own adapter over that binary; what it throws is shown by its code. */
  async asked<T>(version: IstioVersion, ask: (istioctl: Istioctl) => Promise<T>): Promise<unknown> {
    const runner: ProcessRunner = {
      run: async (args) => ({ ...(await this.mesh.istioctl(version, args)), timedOut: false }),
    };
    await this.#learnPods();
    try {
      return await ask(istioctlOver(runner, { istioNamespace: 'istio-system' }));
    } catch (thrown) {
      if (!(thrown instanceof UpgradeError)) throw thrown;
      return { code: thrown.code, message: thrown.message.split('\n').map((line) => wordsOf(line)) };
    }
  }

  /** Without telling: what a case begins with. */
  async givenCommand(version: IstioVersion, command: string): Promise<CommandOutput> {
    const output = await this.mesh.istioctl(version, command.split(' '));
    if (output.exitCode !== 0) throw new Error(`the case cannot begin: istioctl ${command}: ${output.stderr}`);
    await this.state();
    return output;
  }

  /** One line for each webhook configuration, Service and Deployment of Istio, once nothing is under way any more. */
  async state(): Promise<string[]> {
    await this.until('istiod to have patched its webhooks', async () => this.#isAtRest(await this.#lines()));
    const lines = await this.#lines();
    this.#lastState = JSON.stringify(lines);
    return lines;
  }

  details = async (path: string): Promise<object> => {
    const answer = await this.get(path);
    return answer.status === 200 ? detailsOf(answer.body) : outcome(answer);
  };

  /** Makes it usable, and gone with the story. */
  async namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.given('/api/v1/namespaces', { metadata: { name, labels } });
    this.#namespaces.push(name);
    await this.backend.untilUsable(name);
  }

  /** A Deployment with its pods ready. */
  async workload(namespace: string, name: string, replicas = 2): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await this.given(path, deployment(name, replicas));
    await this.untilObject(`${path}/${name}`, (object) => at(object, 'status/readyReplicas') === replicas);
  }

  /** The answer to the creation of a pod that is not kept. */
  probe(namespace: string, { labels = {}, annotations = {}, spec = {} }: Probe = {}) {
    return this.post(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
      metadata: { name: 'probe', labels, annotations },
      spec: { containers: [{ name: 'app', image: 'example.org/app:1' }], ...spec },
    });
  }

  override async end(): Promise<void> {
    await super.end();
    for (const namespace of this.#namespaces) {
      const kinds = ['deployments', 'statefulsets', 'daemonsets'];
      for (const kind of kinds) await this.remove(`/apis/apps/v1/namespaces/${namespace}/${kind}`);
      // With their graces a namespace would stay for half of that.
      await this.remove(`/api/v1/namespaces/${namespace}/pods`, { gracePeriodSeconds: 0 });
      await this.remove(`/api/v1/namespaces/${namespace}`);
    }
    for (const namespace of this.#namespaces)
      await this.until(
        `the end of ${namespace}`,
        async () => (await this.get(`/api/v1/namespaces/${namespace}`)).status === 404,
      );
  }

  async #lines(): Promise<string[]> {
    const items = async (path: string) => (at((await this.get(path)).body, 'items') ?? []) as unknown[];
    return [
      ...(await items(Mutating)).map(mutatingLine),
      ...(await items(Validating)).map(validatingLine),
      ...(await items(IstioServices)).map(serviceLine),
      ...(await items(IstioDeployments)).map(deploymentLine),
    ];
  }

  /** A ready istiod has put its certificate into its webhooks, and nothing that was deleted is still there. */
  #isAtRest(lines: readonly string[]): boolean {
    const ready = lines.flatMap((line) => /^DEP istiod\S* rev=(\S+) .* ready=[1-9]/.exec(line)?.[1] ?? []);
    return ready.every((revision) =>
      lines.every(
        (line) =>
          !(
            /^[MV]WC /.test(line) &&
            line.includes(` rev=${revision} `) &&
            / ca=(no|yes,no|no,yes)|fail=Ignore/.test(line)
          ),
      ),
    );
  }

  /** Their names have parts that are drawn. */
  async #learnPods(): Promise<void> {
    const { body } = await this.get('/api/v1/pods');
    for (const pod of (at(body, 'items') ?? []) as unknown[]) {
      const name = String(at(pod, 'metadata/name'));
      const prefix = at(pod, 'metadata/generateName');
      const hash = (at(pod, 'metadata/labels') as Record<string, string> | undefined)?.['pod-template-hash'];
      if (typeof prefix !== 'string' || /-\d+$/.test(name)) continue;
      this.words.set(name, `${hash === undefined ? prefix : prefix.replace(`${hash}-`, '<hash>-')}<pod>`);
    }
  }
}
