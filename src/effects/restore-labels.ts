import type { Marks } from '../model/marks.ts';
import { newRevision } from '../model/plan.ts';
import { Namespaces } from '../ports/kinds.ts';
import type { Namespace } from '../ports/objects.ts';
import type { EffectDefinition } from './effect-definition.ts';
import { fieldManager } from './field-manager.ts';

/** Gives a namespace the labels back that it had. One whose label another writer has changed since keeps what that wrote. */
export const restoreLabels: EffectDefinition<'restore-labels'> = {
  describe: ({ namespace }) => `put the labels of namespace ${namespace} back`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  object: ({ namespace }) => ({ resource: Namespaces, target: { name: namespace } }),
  perform: async ({ namespace }, { cluster, journal, plan }) => {
    const original = journal.current.marks.labelled?.[namespace];
    if (original === undefined) return;
    const found = await cluster.get<Namespace>(Namespaces, namespace);
    if (found?.metadata.labels?.['istio.io/rev'] === newRevision(plan)) {
      const labels = {
        'istio.io/rev': original['istio.io/rev'] ?? null,
        'istio-injection': original['istio-injection'] ?? null,
      };
      await cluster.patch(
        Namespaces,
        { name: namespace },
        { type: 'merge', body: { metadata: { labels } }, fieldManager },
      );
    }
    await journal.update((old) => ({ ...old, marks: without(old.marks, namespace) }));
  },
};

function without({ labelled = {}, ...marks }: Marks, namespace: string): Marks {
  const { [namespace]: _restored, ...left } = labelled;
  return Object.keys(left).length === 0 ? marks : { ...marks, labelled: left };
}
