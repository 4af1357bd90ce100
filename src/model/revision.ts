import semver from 'semver';

/** One installed istiod by name, for example `1-30-3`; `default` is the one installed without a revision. */
export type Revision = string;

/** A revision is the version with dashes, by the field's convention. */
export function revisionOfVersion(version: string): Revision {
  return version.replaceAll('.', '-');
}

/** The ending of the names of a revision's objects: istiod installed without a revision has none. */
export function revisionSuffix(revision: Revision): string {
  return revision === 'default' ? '' : `-${revision}`;
}

/** The revision that a Service name of istiod stands for; `undefined` when it is no istiod's. */
export function revisionOfService(service: string): Revision | undefined {
  if (service === 'istiod') return 'default';
  return service.startsWith('istiod-') && !service.startsWith('istiod-revision-tag-')
    ? service.slice('istiod-'.length)
    : undefined;
}

/** The version in an image reference, `docker.io/istio/pilot:1.30.4-distroless` is 1.30.4; `undefined` for a digest or a nightly. */
export function versionOfImage(image: string): string | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1];
  const version = tag === undefined ? null : semver.parse(tag.replace(/-distroless$|-debug$/, ''));
  return version === null ? undefined : version.version;
}
