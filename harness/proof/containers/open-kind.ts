import { delimiter, dirname } from 'node:path';
import { type Cluster, openCluster } from '../kind/cluster.ts';
import { type ImageSource, registryImages } from '../kind/image-source.ts';
import { loadImages } from '../kind/images.ts';
import { findIstioctl } from '../kind/istioctl.ts';
import { kindCli, type Run } from '../kind/kind-cli.ts';
import { KindRefused } from '../kind/kind-refused.ts';
import { createRun } from '../kind/run.ts';
import type { Hop } from '../lab/hop.ts';
import { builtImages } from './built-images.ts';
import { INSIDE } from './inside.ts';

/** A cluster with every image on its node, and the programs for it. */
export interface OpenKind {
  cluster: Cluster;
  images: ImageSource;
  run: Run;
  env: NodeJS.ProcessEnv;
  /** Executables. */
  istioctl: Record<keyof Hop, string>;
}

export interface KindWanted {
  /** A minor. */
  kubernetes: string;
  hop: Hop;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** The logs of the node go here. */
  logs: string;
  tell: (line: string) => void;
}

/**
 * Creates a cluster with a unique name, from our own node image in the network of our own engine and from kind's elsewhere. The
 * variable KIND names another executable.
 * @throws KindRefused if something is missing here; what a command failed with
 */
export async function openKind({ kubernetes, hop, signal, logs, tell, ...place }: KindWanted): Promise<OpenKind> {
  const env = withOurNode(place.env);
  const images = env[INSIDE] ? builtImages : registryImages;
  const image = expectImages(images, kubernetes, hop);
  const run = createRun({ env, signal });
  const kind = kindCli(env['KIND'] ?? 'kind', run);
  const istioctl = { from: await findIstioctl(hop.from.version, env), to: await findIstioctl(hop.to.version, env) };
  const name = `istio-rehearsal-${process.pid}-${Date.now().toString(36)}`;
  tell(`creating the kind cluster ${name} with Kubernetes ${kubernetes}`);
  const cluster = await openCluster(kind, { name, image, logs, tell });
  try {
    const istioctls = [istioctl.from, istioctl.to];
    if (!images.areLoaded) await loadImages(cluster, { kind, run, istioctls, tell });
  } catch (failure) {
    await cluster.close();
    throw failure;
  }
  return { cluster, images, run, env, istioctl };
}

/** @returns the node image. @throws KindRefused for what there is no image of */
function expectImages({ minors, nodeImage, releases }: ImageSource, kubernetes: string, hop: Hop): string {
  const image = nodeImage(kubernetes);
  if (image === undefined) throw new KindRefused(`kind has no Kubernetes ${kubernetes}, only ${minors.join(', ')}`);
  for (const { version } of [hop.from, hop.to])
    if (releases !== undefined && !releases.includes(version))
      throw new KindRefused(`without a registry there is no Istio ${version}, only ${releases.join(' and ')}`);
  return image;
}

/** The Action looks for Node in PATH. */
const withOurNode = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  PATH: [dirname(process.execPath), env['PATH']].join(delimiter),
});
