import { expect, it } from 'vitest';
import { benchMesh } from '../../harness/proof/bench/bench-task.ts';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { createSim } from '../../harness/rehearsal/sim/create-sim.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { planFor } from '../../src/engine/plan-for.ts';
import type { Transport } from '../../src/kubernetes/transport.ts';
import { installOf } from '../../src/mesh/own-install.ts';

/** Requests of one inspection of a mesh of twelve namespaces, by method and path. */
async function requestsOfInspection(canary: readonly string[]): Promise<readonly string[]> {
  const sim = await createSim({ seed: 1, namespaces: benchMesh(12) });
  await sim.advance(60_000);
  const asked: string[] = [];
  const transport: Transport = {
    send: async (request) => {
      asked.push(`${request.method} ${request.path}`);
      return await sim.transport.send(request);
    },
  };
  const { clock, jitter, metrics } = sim;
  const parts = { clock, jitter, metrics, transport, istioctl: (version: string) => sim.istioctl(version) };
  const { run, cluster } = await sim.run(simRun(parts));
  const config = loadConfig(
    `mesh: { tag: default }
target: { version: 1.31.0 }
waves: [{ name: canary, namespaces: [${canary.join(', ')}] }, { name: rest, namespaces: "*" }]
gate: { prometheus: "kubernetes://monitoring/prometheus:9090" }
`,
    'inspect.yaml',
  );
  const { plan } = await sim.run(planFor(run, config, undefined));
  asked.length = 0;
  const findings = await sim.run(
    run.ports.inspect(plan, false, async () => await run.ports.installers('istioctl').preview(installOf(plan))),
  );
  expect(findings.map(({ code }) => code)).not.toContain('GATE_BLIND');
  await sim.run(cluster.close());
  return asked.filter((request) => !request.includes('selfsubject'));
}

it('an inspection sends the same requests for a canary wave of one namespace and of ten', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `app-${String(index + 1).padStart(4, '0')}`);
  const ofOne = await requestsOfInspection(names.slice(0, 1));
  const ofTen = await requestsOfInspection(names);
  expect(ofTen.filter((request) => /\/pods/.test(request))).toEqual([]);
  expect(ofTen).toHaveLength(ofOne.length);
});
