import { plannedNamespaces } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';

export const othersUntouched: Invariant = {
  id: 'I10',
  title: 'namespaces outside the plan are untouched',
  watch: ({ task, writers, broken }) => {
    const allowed = new Set([...plannedNamespaces(task), 'istio-system']);
    writers.onWrite((write) => {
      if (!('change' in write)) return;
      const { kind, object, type } = write.change;
      const namespace = kind.plural === 'namespaces' ? object.metadata.name : object.metadata.namespace;
      if (namespace === undefined || allowed.has(namespace)) return;
      broken(`${write.runId}: ${kind.kind} ${namespace}/${object.metadata.name} is ${type.toLowerCase()}`);
    });
    return {};
  },
};
