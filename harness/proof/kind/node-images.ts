/** The node images of kind v0.33.0, newest first. They are made for each release of kind, so they are pinned together with it. */
export const KIND_VERSION = '0.33.0';

/** @see https://github.com/kubernetes-sigs/kind/releases/tag/v0.33.0 */
const images: Readonly<Record<string, string>> = {
  '1.37': 'v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5',
  '1.36': 'v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed',
  '1.35': 'v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0',
  '1.34': 'v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d',
};

/** The newest that the releases of the default hop support. */
export const DEFAULT_KUBERNETES = '1.36';

/** Minors of Kubernetes that can be had, newest first. */
export const kubernetesMinors = (): readonly string[] => Object.keys(images);

/** @returns undefined for a minor that kind has no image of */
export function nodeImage(minor: string): string | undefined {
  const image = images[minor];
  return image === undefined ? undefined : `kindest/node:${image}`;
}
