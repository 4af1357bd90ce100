import { Nodes, Pods } from '../../../../src/ports/kinds.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

/** A node goes, with all pods on it, and comes back. */
export const nodeLoss: Draw = (random) => {
  const name = random.pick(['node-1', 'node-2', 'node-3']);
  return {
    kind: 'F12',
    what: `${name} is lost`,
    atMs: someTime(random),
    forMs: aWhile(random),
    release: 'may go back',
    begin: ({ arena: { sim, referee } }) => {
      const node = sim.store.get(Nodes, name);
      if (node === undefined) return () => undefined;
      referee.conditions.foreignWrites.set('node', sim.clock.now());
      sim.registry.delete(Nodes, { name });
      for (const { metadata, spec } of sim.pods()) {
        if (spec.nodeName !== name) continue;
        const { name: pod, namespace = '' } = metadata;
        sim.registry.delete(Pods, { name: pod, namespace });
      }
      return () => {
        referee.conditions.foreignWrites.set('node', sim.clock.now());
        const { resourceVersion: _version, uid: _uid, ...metadata } = node.metadata;
        sim.registry.create(Nodes, { ...node, metadata }, { manager: 'kubelet' });
      };
    },
  };
};
