import semver from 'semver';

interface Release {
  minor: string;
  /** Kubernetes minors that the release was tested with, lowest and highest. */
  kubernetes: readonly [number, number];
  /** Its newest patch when this table was written; left out where it was not looked up. */
  newest?: string;
}

/** An upgrade may skip one minor. */
const minorsMax = 2;

/**
 * Which Kubernetes each release supports. istioctl itself checks only the lower bound, so the table is ours.
 * @see https://github.com/istio/istio.io/blob/master/data/compatibility/supportStatus.yml
 */
const releases: readonly Release[] = [
  { minor: '1.31', kubernetes: [32, 36], newest: '1.31.0' },
  { minor: '1.30', kubernetes: [32, 36], newest: '1.30.4' },
  { minor: '1.29', kubernetes: [31, 35], newest: '1.29.6' },
  { minor: '1.28', kubernetes: [30, 34], newest: '1.28.10' },
  { minor: '1.27', kubernetes: [29, 33] },
  { minor: '1.26', kubernetes: [29, 33] },
  { minor: '1.25', kubernetes: [29, 32] },
  { minor: '1.24', kubernetes: [28, 31] },
];

/** Kubernetes minors for an Istio version; `undefined` for a release that the table does not know. */
export function kubernetesRange(version: string): readonly [number, number] | undefined {
  const parsed = semver.parse(version);
  return parsed === null
    ? undefined
    : releases.find(({ minor }) => minor === `${parsed.major}.${parsed.minor}`)?.kubernetes;
}

/** The newest release that an upgrade from this one may go to on this Kubernetes; `undefined` if the table knows none. */
export function newestAfter(version: string, kubernetesVersion: string): string | undefined {
  const minor = kubernetesMinor(kubernetesVersion);
  const following = releases.flatMap(({ newest, kubernetes: [lowest] }) => {
    if (newest === undefined || (minor !== undefined && minor < lowest)) return [];
    const ahead = minorsAhead(version, newest);
    return ahead !== undefined && ahead <= minorsMax && isOlder(version, newest) ? [newest] : [];
  });
  return newestOf(following);
}

/** Minor of a Kubernetes version such as `v1.36.3` or `v1.33.1-gke.200`. */
export function kubernetesMinor(version: string): number | undefined {
  return semver.coerce(version)?.minor;
}

/** The minor release of a version: `1.31`. */
export function minorOf(version: string): string {
  const { major, minor } = new semver.SemVer(version);
  return `${major}.${minor}`;
}

/** The minor release before that of a version: `1.30`; `undefined` for the first of a major. */
export function minorBefore(version: string): string | undefined {
  const { major, minor } = new semver.SemVer(version);
  return minor === 0 ? undefined : `${major}.${minor - 1}`;
}

/** The newest of these; what is not a version does not count. */
export function newestOf(versions: readonly (string | undefined)[]): string | undefined {
  return versions
    .filter((version) => version !== undefined)
    .filter((version) => semver.valid(version) !== null)
    .sort(semver.rcompare)[0];
}

/** Whether `istioctl tag set` of this release makes a Service for the tag: since 1.28 (istio/istio#56963). */
export function hasTagService(version: string): boolean {
  return !isOlder(version, '1.28.0');
}

/** How many minors `to` is ahead of `from`; negative for a downgrade. Revision upgrades may jump two. */
export function minorsAhead(from: string, to: string): number | undefined {
  const [a, b] = [semver.parse(from), semver.parse(to)];
  return a === null || b === null ? undefined : (b.major - a.major) * 1000 + (b.minor - a.minor);
}

/** Whether `to` is older than `from`; pre-releases count. */
export function isOlder(to: string, from: string): boolean {
  return semver.lt(to, from);
}
