import type { Cluster } from './cluster.ts';
import type { Kind, Run } from './kind-cli.ts';
import { workloadImages } from './manifests.ts';

/**
 * The images that a release of Istio runs. The registry is asked of istioctl itself: releases differ in it.
 * @throws Error if its manifests name no istiod
 */
export async function istioImages(istioctl: string, run: Run): Promise<readonly string[]> {
  const manifests = await run([istioctl, 'manifest', 'generate', '--set', 'profile=minimal'], { timeoutMs: 60_000 });
  const [, hub, tag] = /image: "?([^\s"]+)\/pilot:([^\s"]+)"?/.exec(manifests) ?? [];
  if (hub === undefined || tag === undefined) throw new Error(`${istioctl} manifest generate names no image of istiod`);
  return [`${hub}/pilot:${tag}`, `${hub}/proxyv2:${tag}`];
}

/**
 * Puts every image of the rehearsal on the node, so that no registry is on the way of a rollout. Where docker does not answer,
 * or refuses, the node pulls by itself: slower, and no reason to give up.
 */
export async function loadImages(
  { name }: Cluster,
  { kind, run, istioctls, tell }: { kind: Kind; run: Run; istioctls: readonly string[]; tell: (line: string) => void },
): Promise<void> {
  const images = [
    ...(await Promise.all(istioctls.map((istioctl) => istioImages(istioctl, run)))).flat(),
    ...workloadImages(),
  ];
  try {
    await run(['docker', 'version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 });
    tell(`loading ${images.length} images`);
    const here = await run(['docker', 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'], { timeoutMs: 30_000 });
    // Docker leaves out its own registry in the names that it prints.
    const isHere = (image: string) => here.split('\n').includes(image.replace(/^docker\.io\/(library\/)?/, ''));
    for (const image of images)
      if (!isHere(image)) await run(['docker', 'pull', '--quiet', image], { timeoutMs: 300_000 });
    await kind.load(name, images);
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    tell(`the node pulls the images by itself: ${reason.trim().split('\n').at(-1)}`);
  }
}
