import { Sim } from '../../../rehearsal/sim/create-sim.ts';
import { simBackendOver } from '../sim-backend.ts';
import type { MeshBackend } from './mesh-backend.ts';

const CommandMs = 600_000;

/** A simulated cluster, still without Istio. */
export function simMesh({ seed = 1 }: { seed?: number } = {}): MeshBackend {
  const sim = new Sim({ seed, user: 'nobody' });
  const health = { hangs: 'hangs', 'refuses connections': 'refuses', answers: 'answers' } as const;
  return {
    ...simBackendOver(sim),
    async istioctl(version, args) {
      const { exitCode, stdout, stderr } = await sim.run(
        sim.istioctlProcess(version).run(args, { timeoutMs: CommandMs }),
      );
      return { exitCode: exitCode ?? -1, stdout, stderr };
    },
    async freezeKubelet(frozen) {
      if (frozen) sim.kubelet.freeze();
      else sim.kubelet.thaw();
    },
    async trouble(revision, trouble) {
      sim.istiods.setHealth(revision, health[trouble]);
    },
    untilConnected: () => sim.settle(),
    // A simulated clock has one driver.
    async sideBySide(work) {
      for (const one of work) await one();
    },
    // Every story has a simulated cluster of its own.
    empty: async () => undefined,
  };
}
