import { installOf } from '../mesh/own-install.ts';
import type { Manifest } from '../model/manifest-object.ts';
import type { Installed } from '../model/marks.ts';
import { ConfigMaps } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { ConfigMap } from '../ports/objects.ts';
import type { EffectContext, EffectDefinition } from './effect-definition.ts';

/** Installs the istiod of a revision beside the running one, or again over one that this tool installed. */
export const install: EffectDefinition<'install'> = {
  describe: ({ revision, again, leavesDefinitions }) =>
    [
      `install istiod ${revision}${again ? ' again, as the config asks for it' : ''}`,
      ...(leavesDefinitions === true ? ['and leave the newer CRDs as they are'] : []),
    ].join(', '),
  isNote: false,
  journalled: {},
  leavesValid: [],
  perform: async ({ revision, leavesDefinitions }, { cluster, installer, journal, plan }) => {
    const wanted = { ...installOf(plan), revision };
    const manifest = await installer.preview(wanted);
    await note(journal, { revision });
    await installer.install({ ...wanted, ...(leavesDefinitions === true ? { leavesDefinitions } : {}) });
    // Where nothing could be previewed, stage 3 compares the live configuration of the two istiods, and that is the proof.
    if (manifest.isUnseen !== true) await expectApplied(cluster, manifest);
    // Of the whole manifest: whether the CRDs were left as they are does not depend on the config.
    await note(journal, { revision, manifest: manifest.hash });
  },
};

const note = async (journal: EffectContext['journal'], installed: Installed): Promise<void> =>
  await journal.update((old) => ({ ...old, marks: { ...old.marks, installed } }));

/** Keys of ConfigMaps: the values for the injection, all that were given, and all that the charts were rendered with. */
const valueKeys = ['values', 'original-values', 'merged-values'];

/**
 * The values that were asked for are in the cluster. No other writer changes them, and the API server keeps them as they are written: it
 * fills in defaults of other objects, policies change those, and people edit the mesh config and the templates.
 */
async function expectApplied(cluster: Cluster, { configuring }: Manifest): Promise<void> {
  const configMaps = configuring.filter(({ kind }) => kind === ConfigMaps.kind) as readonly ConfigMap[];
  const holders = configMaps.filter(({ data = {} }) => valueKeys.some((key) => key in data));
  if (holders.length === 0) throw new Error('the manifest of the new istiod holds no values');
  for (const { metadata, data = {} } of holders) {
    const { name, namespace } = metadata;
    const live = await cluster.get<ConfigMap>(ConfigMaps, name, namespace);
    const keys = valueKeys.filter((key) => live?.data?.[key] !== data[key]);
    if (keys.length > 0)
      throw new Error(
        `the installer says that it is done, but ConfigMap ${name} is not what it applied (${keys.join(', ')})`,
      );
  }
}
