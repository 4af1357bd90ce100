import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Marks } from '../../../../src/model/marks.ts';
import { gateDefaults } from '../../../rehearsal/model/gate-defaults.ts';
import { bundle } from '../bundle.ts';
import { kubeconfigFor } from '../kubeconfig-for.ts';
import { newRevision, oldRevision, podNames, SyntheticApi, type SyntheticSize } from '../synthetic-api.ts';
import { SyntheticPrometheus } from './synthetic-prometheus.ts';
import { type CountingPod, SyntheticSamples } from './synthetic-samples.ts';

/** What looking at one wave costs at one moment; bytes, and milliseconds of the processor. */
export interface LookCost {
  what: 'listed' | 'moving' | 'baking';
  heapUsed: number;
  rss: number;
  /** The most since the process began. */
  peakRss: number;
  /** Of a look after the first, the median; absent where nothing was looked at. */
  cpuMs?: number;
  /** Of the first look, which also asks for what was usual. */
  firstCpuMs?: number;
  /** Of a look after the first. */
  queries?: number;
  bytes?: number;
}

const startedAt = Date.UTC(2026, 10, 22, 12);
const rolloutMs = 120_000;
const readyAt = startedAt + rolloutMs;
const second = 1000;

/** Between looks nothing is baked long enough for a verdict, so that each asks for everything. */
const steps = [
  { what: 'moving', share: 0.5, looks: [60, 60.5, 61, 61.5, 62], readyAt: undefined },
  { what: 'baking', share: 1, looks: [470, 485, 500, 515, 530], readyAt },
] as const;

/**
 * What the product costs that watches one wave of all pods: its snapshot of the mesh and the answers of Prometheus. Bundled as it is shipped
 * and in a separate process, against an API server and a Prometheus that compute what they answer.
 */
export async function measureLooks(size: SyntheticSize): Promise<readonly LookCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-looks-'));
  const api = new SyntheticApi(size);
  const prometheus = new SyntheticPrometheus(samplesOf(size));
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigFor(await api.listen()));
    const task = join(folder, 'task.json');
    writeFileSync(task, JSON.stringify({ kubeconfig, prometheus: await prometheus.listen(), ...taskOf(size) }));
    const observer = join(folder, 'observer.mjs');
    await bundle(join(import.meta.dirname, 'observer.ts'), observer);
    const child = spawn(process.execPath, [observer, task], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // As action.yml runs it.
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const seen: LookCost[] = [];
    let [queries, bytes, pods] = [0, 0, 0];
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push({
        ...(JSON.parse(line) as LookCost),
        queries: prometheus.queries - queries,
        bytes: prometheus.bytes - bytes,
      });
      [queries, bytes] = [prometheus.queries, prometheus.bytes];
      const step = steps.find(({ looks }, index) => seen.length === 1 + index * looks.length);
      if (step === undefined) continue;
      const upTo = Math.round(step.share * size.pods);
      await api.replacePods(pods, upTo);
      pods = upTo;
    }
    const code = await exited;
    if (code !== 0 || seen.length !== 1 + steps.flatMap(({ looks }) => looks).length)
      throw new Error(`the observer ended with ${code} after ${seen.length} readings`);
    return summed(seen);
  } finally {
    api.close();
    prometheus.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the looks of one step, the first and the median of the others. */
function summed(seen: readonly LookCost[]): readonly LookCost[] {
  return [...Map.groupBy(seen, ({ what }) => what)].map(([what, looks]) => {
    const [first, ...later] = looks;
    const last = later.at(-1);
    if (first === undefined || last === undefined) {
      const { heapUsed, rss, peakRss } = looks[0] as LookCost;
      return { what, heapUsed, rss, peakRss };
    }
    const sorted = later.map(({ cpuMs = 0 }) => cpuMs).sort((a, b) => a - b);
    const cpuMs = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const { heapUsed, rss, peakRss, queries = 0, bytes = 0 } = last;
    return { what, heapUsed, rss, peakRss, cpuMs, firstCpuMs: first.cpuMs ?? 0, queries, bytes };
  });
}

function taskOf({ pods, namespaces }: SyntheticSize) {
  const wave = {
    name: 'all',
    namespaces: [
      ...new Set(Array.from({ length: pods }, (_, index) => podNames(index, { pods, namespaces }).namespace)),
    ],
  };
  const marksAt = (ready: number | undefined): Marks => ({
    waves: {
      all: { namespaces: wave.namespaces, startedAt, ...(ready !== undefined && { readyAt: ready }) },
    },
  });
  return {
    plan: { from: oldRevision, to: newRevision, gateways: [], waves: [wave], waivers: [], gate: gateDefaults },
    steps: steps.map(({ what, share, looks, readyAt: ready }) => ({
      what,
      pods: Math.round(share * pods),
      marks: marksAt(ready),
      looks: looks.map((seconds) => (ready ?? startedAt) + seconds * second),
    })),
  };
}

/** Each pod before and after its turn, a rest of the mesh of a hundred pods, and the new istiod. */
function samplesOf(size: SyntheticSize): SyntheticSamples {
  const since = startedAt - 24 * 3_600_000;
  const pods = Array.from({ length: size.pods }, (_, index): CountingPod[] => {
    const named = podNames(index, size);
    const next = podNames((index + 10) % size.pods, size);
    const replacedAt = startedAt + (index * rolloutMs) / size.pods;
    const common = {
      namespace: named.namespace,
      workload: named.workload,
      calls: { namespace: next.namespace, workload: next.workload },
      fails: index % 20 === 0,
    };
    return [
      { ...common, name: named[oldRevision].name, version: '1.30.4', from: since, until: replacedAt },
      { ...common, name: named[newRevision].name, version: '1.31.0', from: replacedAt },
    ];
  }).flat();
  const rest = Array.from({ length: 100 }, (_, index): CountingPod => {
    const workload = `elsewhere-${index % 10}`;
    return {
      namespace: workload,
      name: `${workload}-${index}`,
      workload,
      calls: { namespace: workload, workload },
      version: '1.30.4',
      from: since,
      fails: index % 20 === 0,
    };
  });
  const istiod = {
    labels: { __name__: 'pilot_info', namespace: 'istio-system', pod: `istiod-${newRevision}-7d9c6b5f4d-abcde` },
    perSecond: 0,
  };
  return new SyntheticSamples([...pods, ...rest], [istiod], since);
}
