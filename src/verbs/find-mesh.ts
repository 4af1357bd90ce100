import { renderComplaint } from '../config/complaint.ts';
import type { Config } from '../config/config.ts';
import { ConfigError, ConfigFileUnreadable } from '../config/config-errors.ts';
import { meshNamedIn } from '../config/mesh-named-in.ts';
import { listJournals, type MeshTag } from '../engine/journal.ts';
import { defineFinding, type Finding } from '../model/finding.ts';
import { defineError, messageOf, UpgradeError } from '../model/upgrade-error.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { VerbOptions } from './options.ts';
import { readConfig, textOfConfig } from './read-config.ts';

export const ConfigNotUsed = defineFinding({
  code: 'CONFIG_NOT_USED',
  severity: 'warns',
  title: 'The config cannot be used; the journal in the cluster is used instead.',
  cause:
    'The config is missing or has a mistake. `rollback`, `status`, `finalize` and `unlock` do without it: the journal holds the plan and the policy of the upgrade. Of the config only `mesh` is used, if that part has no mistake.',
  fix: 'Repair the config before the next `upgrade`; `check` names every mistake.',
  blames: 'person',
});

export const UpgradeUnclear = defineError({
  code: 'UPGRADE_UNCLEAR',
  title: 'It is not clear which upgrade is meant.',
  cause: 'The config cannot be used, and the cluster holds the journals of several upgrades.',
  message: (why: string, found: readonly MeshTag[]) =>
    `${why} The cluster holds several journals: ${found.map(named).join(', ')}.`,
  hint: 'Choose one with --tag and --istio-namespace (inputs tag and istio-namespace of the Action), or repair the config.',
  actor: 'workflow author',
  state: 'Nothing was changed.',
  exit: 'usage',
  blames: 'person',
});

/** The mesh of a verb that works without a config. */
export interface FoundMesh {
  mesh: MeshTag;
  /** `undefined` if none is named, or if it cannot be used. */
  config: Config | undefined;
  /** `mesh.cluster` of the config, also of one with a mistake elsewhere; `undefined`: any cluster. */
  meantCluster: string | undefined;
  /** What is wrong with the config, and what is used instead. */
  warnings: readonly Finding[];
}

/**
 * The mesh of the config; if the config cannot be used, the mesh of the options, of its part `mesh`, or of the only journal in the
 * cluster. A wrong guess would roll back another upgrade, so that several journals are a question to the user.
 * @throws UPGRADE_UNCLEAR, or what the API server says to the list of journals
 */
export async function findMesh(options: VerbOptions, cluster: Cluster): Promise<FoundMesh> {
  if (options.config === undefined)
    return { mesh: withDefaults(options), config: undefined, meantCluster: undefined, warnings: [] };
  try {
    const config = readConfig(options.config);
    const { tag, namespace, cluster: meantCluster } = config.mesh;
    return { mesh: { tag, istioNamespace: namespace }, config, meantCluster, warnings: [] };
  } catch (failure) {
    const why = whyUnusable(failure);
    if (why === undefined) throw failure;
    const { mesh, source } = await meshWithout(options, cluster, why);
    const warnings = [ConfigNotUsed.of(`${why} Instead: ${named(mesh)}, ${source}.`)];
    return { mesh, config: undefined, meantCluster: meshIn(options.config)?.cluster, warnings };
  }
}

/** The first mistake, with its place; undefined for failures that say nothing about the config. */
function whyUnusable(failure: unknown): string | undefined {
  if (failure instanceof ConfigError) {
    const [first, ...others] = failure.complaints;
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return `${first === undefined ? messageOf(failure) : renderComplaint(first)}${more}.`;
  }
  return failure instanceof UpgradeError && failure.code === ConfigFileUnreadable.definition.code
    ? failure.message
    : undefined;
}

async function meshWithout(
  { config: file, tag, istioNamespace }: VerbOptions,
  cluster: Cluster,
  why: string,
): Promise<{ mesh: MeshTag; source: string }> {
  if (tag !== undefined && istioNamespace !== undefined)
    return { mesh: { tag, istioNamespace }, source: 'as the options say' };
  const written = file === undefined ? undefined : meshIn(file);
  if (written !== undefined)
    return {
      mesh: { tag: tag ?? written.tag, istioNamespace: istioNamespace ?? written.namespace },
      source: 'as `mesh` in the config says',
    };
  const all = await listJournals(cluster);
  const found = all.filter(
    (each) => each.tag === (tag ?? each.tag) && each.istioNamespace === (istioNamespace ?? each.istioNamespace),
  );
  const [only] = found;
  if (found.length > 1) throw UpgradeUnclear.of(why, found);
  return only === undefined
    ? { mesh: withDefaults({ tag, istioNamespace }), source: 'the default; the cluster holds no journal of an upgrade' }
    : { mesh: only, source: 'whose journal is the only one in the cluster' };
}

/** A file that cannot be read names nothing. */
function meshIn(file: string): ReturnType<typeof meshNamedIn> {
  try {
    return meshNamedIn(textOfConfig(file));
  } catch (failure) {
    if (whyUnusable(failure) === undefined) throw failure;
    return undefined;
  }
}

const withDefaults = ({
  tag = 'default',
  istioNamespace = 'istio-system',
}: {
  tag?: string | undefined;
  istioNamespace?: string | undefined;
}): MeshTag => ({ tag, istioNamespace });

const named = ({ tag, istioNamespace }: MeshTag): string => `tag "${tag}" in ${istioNamespace}`;
