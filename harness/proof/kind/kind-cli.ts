/** Runs a program to its end. @returns what it wrote; throws when it failed, was cancelled or took too long */
export type Run = (words: readonly string[], options: RunLimits) => Promise<string>;

export interface RunLimits {
  timeoutMs: number;
  input?: string;
  /** Also when the rehearsal is interrupted: for what tidies up. */
  always?: boolean;
}

/** The commands of kind that a rehearsal needs. None of them reads or writes a kubeconfig but the one that it is given. */
export interface Kind {
  version(): Promise<string>;
  clusters(): Promise<readonly string[]>;
  create(cluster: NewCluster): Promise<void>;
  load(name: string, images: readonly string[]): Promise<void>;
  exportLogs(name: string, folder: string): Promise<void>;
  remove(name: string, kubeconfig: string): Promise<void>;
}

interface NewCluster {
  name: string;
  image: string;
  kubeconfig: string;
}

const READY_WITHIN = '180s';
const minutes = (count: number) => count * 60_000;

/** @param file the executable */
export function kindCli(file: string, run: Run): Kind {
  const kind = (args: readonly string[], limits: RunLimits) => run([file, ...args], limits);
  return {
    version: () => kind(['version'], { timeoutMs: 10_000 }),
    clusters: async () => {
      const said = await kind(['get', 'clusters'], { timeoutMs: 30_000 });
      // "No kind clusters found." goes to standard error.
      return said.split('\n').filter((line) => line !== '');
    },
    create: async ({ name, image, kubeconfig }) => {
      const args = ['create', 'cluster', '--name', name, '--image', image, '--kubeconfig', kubeconfig];
      // Without it the node of a creation that failed is gone before its logs can be exported.
      await kind([...args, '--retain', '--wait', READY_WITHIN], { timeoutMs: minutes(10) });
    },
    load: async (name, images) => {
      await kind(['load', 'docker-image', ...images, '--name', name], { timeoutMs: minutes(5) });
    },
    exportLogs: async (name, folder) => {
      await kind(['export', 'logs', folder, '--name', name], { timeoutMs: minutes(2), always: true });
    },
    remove: async (name, kubeconfig) => {
      const args = ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig];
      await kind(args, { timeoutMs: minutes(2), always: true });
    },
  };
}
