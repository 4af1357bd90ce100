import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attachLab, type Lab, startLab } from '../../lab/lab.ts';
import { readLiving } from '../../lab/lab-record.ts';
import { labFiles, labsFolder } from '../../lab/places.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { kubernetesMinors, nodeImage } from '../node-images.ts';
import { forwardedKubeconfigFile } from './forwarded-kubeconfig.ts';

const prefix = 'kind-';

/** Labs under the names of clusters. Each lives on when the process that made it ends, as kind's containers do. */
export class StandInClusters {
  readonly #env: NodeJS.ProcessEnv;
  readonly #tell: (line: string) => void;

  constructor(env: NodeJS.ProcessEnv, tell: (line: string) => void) {
    this.#env = env;
    this.#tell = tell;
  }

  names = (): readonly string[] => {
    const folder = labsFolder(this.#env);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.startsWith(prefix) && readLiving(join(folder, name)) !== undefined)
      .map((name) => name.slice(prefix.length));
  };

  /** @throws Error if there is one of this name, or no such image */
  create = async ({ name, image, kubeconfig }: { name: string; image: string; kubeconfig: string }): Promise<void> => {
    if (this.names().includes(name)) throw new Error(`node(s) already exist for a cluster with the name "${name}"`);
    if (!kubernetesMinors().some((minor) => nodeImage(minor) === image))
      throw new Error(`failed to pull image "${image}": it is not one of kind's own, by digest`);
    const stateDir = this.#stateDir(name);
    const lab = await startLab({ stateDir, detached: true, env: this.#env, tell: this.#tell });
    // The manifests' workloads answer every request.
    await lab.traffic.set({ baseErrorRatio: 0 });
    const forwarder = spawn(process.execPath, [join(import.meta.dirname, 'forward-api-server.ts'), stateDir], {
      detached: true,
      stdio: 'ignore',
      env: this.#env,
    });
    forwarder.unref();
    const isOpen = () => existsSync(forwardedKubeconfigFile(stateDir));
    await waitUntil('the forwarded port of the API server', isOpen, { deadlineMs: 20_000 });
    writeFileSync(kubeconfig, this.kubeconfig(name), { mode: 0o600 });
    this.#tell('the lab is ready');
  };

  kubeconfig = (name: string): string => {
    this.#lab(name);
    return readFileSync(readFileSync(forwardedKubeconfigFile(this.#stateDir(name)), 'utf8'), 'utf8');
  };

  load = (name: string, images: readonly string[]): void => {
    writeFileSync(this.#imagesFile(name), JSON.stringify([...this.images(name), ...images]));
  };

  images = (name: string): readonly string[] => {
    this.#lab(name);
    const file = this.#imagesFile(name);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
  };

  exportLogs = (name: string, folder: string): void => {
    cpSync(labFiles(this.#lab(name).stateDir).logs, folder, { recursive: true });
  };

  /** Also one that is not there, or was not made to its end; kind does the same. */
  remove = async ({ name, kubeconfig }: { name: string; kubeconfig?: string }): Promise<void> => {
    await attachLab(this.#stateDir(name), this.#env)?.stop();
    if (kubeconfig !== undefined) rmSync(kubeconfig, { force: true });
    this.#tell(`deleted ${name}`);
  };

  setErrors = async (name: string, revision: string, errorRatio: number): Promise<void> => {
    await this.#lab(name).traffic.setErrors({ revision, errorRatio });
  };

  #lab(name: string): Lab {
    const lab = attachLab(this.#stateDir(name), this.#env);
    if (lab === undefined) throw new Error(`could not locate any control plane nodes for cluster named '${name}'`);
    return lab;
  }

  #stateDir(name: string): string {
    return join(labsFolder(this.#env), `${prefix}${name}`);
  }

  #imagesFile(name: string): string {
    return join(this.#stateDir(name), 'images.json');
  }
}
