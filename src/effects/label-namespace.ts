import type { InjectionLabels } from '../model/marks.ts';
import { Namespaces } from '../ports/kinds.ts';
import type { Namespace } from '../ports/objects.ts';
import type { EffectDefinition } from './effect-definition.ts';
import { fieldManager } from './field-manager.ts';

/** Gives a namespace the new revision by its label; the journal knows the labels that it had before anything is written. */
export const labelNamespace: EffectDefinition<'label-namespace'> = {
  describe: ({ namespace, revision }) => `label namespace ${namespace} istio.io/rev=${revision}`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  object: ({ namespace }) => ({ resource: Namespaces, target: { name: namespace } }),
  perform: async ({ namespace, revision }, { cluster, journal }) => {
    const found = await cluster.get<Namespace>(Namespaces, namespace);
    if (found === undefined) return;
    const original = injectionLabelsOf(found.metadata.labels);
    await journal.update((old) => ({
      ...old,
      // What a run before has noted is older than its own label.
      marks: { ...old.marks, labelled: { [namespace]: original, ...old.marks.labelled } },
    }));
    // istio-injection outranks istio.io/rev: a namespace with both would go on following the tag.
    const labels = { 'istio.io/rev': revision, 'istio-injection': null };
    await cluster.patch(
      Namespaces,
      { name: namespace },
      { type: 'merge', body: { metadata: { labels } }, fieldManager },
    );
  },
};

function injectionLabelsOf(labels: Readonly<Record<string, string>> = {}): InjectionLabels {
  const { 'istio.io/rev': revision, 'istio-injection': injection } = labels;
  return {
    ...(revision !== undefined && { 'istio.io/rev': revision }),
    ...(injection !== undefined && { 'istio-injection': injection }),
  };
}
