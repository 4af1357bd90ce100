import type { Invariant } from './invariant.ts';

/** Once another attempt has written, the one before it has lost the right to: their writes never interleave. The lock itself is asked for by all. */
export const oneWriter: Invariant = {
  id: 'I7',
  title: 'one run at a time writes',
  watch: ({ writers, broken }) => {
    const ousted = new Map<string, string>();
    let writer: string | undefined;
    writers.onWrite((write) => {
      if ('change' in write && write.change.kind.plural === 'leases') return;
      const successor = ousted.get(write.runId);
      if (successor !== undefined) {
        const what =
          'change' in write
            ? `${write.change.kind.kind} ${write.change.object.metadata.name}`
            : write.istioctl.join(' ');
        broken(`${write.runId} writes (${what}) after ${successor} has written`);
        return;
      }
      if (writer !== undefined && writer !== write.runId) ousted.set(writer, write.runId);
      writer = write.runId;
    });
    return {};
  },
};
