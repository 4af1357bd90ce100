import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { labBinaries } from '../lab/lab-commands.ts';
import { ISTIO_VERSIONS, type IstioVersion } from '../lab/modules.ts';
import { binariesFolder, cacheFolder } from '../lab/places.ts';
import type { Cluster } from './cluster.ts';
import type { Run } from './kind-cli.ts';
import { KindRefused } from './kind-refused.ts';
import { badRelease } from './manifests.ts';
import type { RequestQueries } from './requests.ts';

/**
 * The one switch between kind and its stand-in, whose clusters are labs: everything that differs because a lab has no containers.
 * All the rest, from creating the cluster to deleting it, is the same code on both.
 */
export interface World {
  name: 'containers' | 'labs';
  kubectl: string;
  istioctl(version: string): Promise<string>;
  /** How often Prometheus scrapes. */
  scrapeMs: number;
  /** The part of istio-upgrade.yaml that depends on it. */
  gate: string;
  soak: string;
  requests: RequestQueries;
  /** Lets the proxies of a release fail this share of what they serve. */
  failRequests(cluster: Cluster, release: { version: string; revision: string }, errorRatio: number): Promise<void>;
}

/** @param version what `kind version` says */
export function worldOf(
  version: string,
  { kind, run, env }: { kind: string; run: Run; env: NodeJS.ProcessEnv },
): World {
  return version.includes('stand-in') ? labs(kind, run, env) : containers(run, env);
}

/** A node with real pods: real proxies, a load generator that counts what it gets, and the Prometheus of the manifests. */
function containers(run: Run, env: NodeJS.ProcessEnv): World {
  return {
    name: 'containers',
    kubectl: 'kubectl',
    istioctl: async (version) => {
      // The runner of GitHub has one; the Action, which asks for the same releases, then finds them there.
      if (!process.env['RUNNER_TOOL_CACHE']) {
        process.env['RUNNER_TOOL_CACHE'] = join(cacheFolder(env), '../tools');
        mkdirSync(process.env['RUNNER_TOOL_CACHE'], { recursive: true });
      }
      // Only here: it brings the libraries of Actions along.
      const { fetchIstioctl } = await import('../../../src/action/fetch-istioctl.ts');
      return await fetchIstioctl({ version });
    },
    scrapeMs: 5_000,
    gate: '{ interval: 5s, settle: 15s, bake: 60s, watch: 30s, errorRatio: 1% }',
    soak: '30s',
    requests: {
      // A counter's highest value outlives its pod.
      sent: 'sum by (target) (max_over_time(load_requests_total[6h]))',
      failed: 'sum by (target) (max_over_time(load_requests_total{outcome="failed"}[6h]))',
    },
    failRequests: async ({ kubeconfig }, { version }, errorRatio) => {
      const apply = ['kubectl', '--kubeconfig', kubeconfig, 'apply', '--server-side', '-f', '-'];
      await run(apply, { input: JSON.stringify(badRelease(version, errorRatio)), timeoutMs: 30_000 });
    },
  };
}

/**
 * Real control planes and fake pods. What the pods of the manifests would do, the lab does by itself: it plays the proxies and
 * their traffic, and its own Prometheus answers at the address of the manifests' pod.
 */
function labs(kind: string, run: Run, env: NodeJS.ProcessEnv): World {
  const { kubectl, istioctl } = labBinaries(binariesFolder(env));
  // What the gateways report of their calls, since no client is in front of them.
  const calls = (more: string) =>
    `max_over_time(istio_requests_total{reporter="source",source_workload="istio-ingressgateway"${more}}[6h])`;
  const byTarget = (series: string) =>
    `sum by (target) (label_join(${series}, "target", "/", "destination_workload_namespace", "destination_workload"))`;
  const isBuilt = (version: string): version is IstioVersion => (ISTIO_VERSIONS as readonly string[]).includes(version);
  return {
    name: 'labs',
    kubectl,
    istioctl: async (version) => {
      if (!isBuilt(version))
        throw new KindRefused(`the lab has Istio ${ISTIO_VERSIONS.join(' and ')}, and no ${version}`);
      return istioctl(version);
    },
    scrapeMs: 2_000,
    gate: '{ interval: 2s, settle: 4s, bake: 8s, watch: 6s, errorRatio: 1% }',
    soak: '3s',
    requests: { sent: byTarget(calls('')), failed: byTarget(calls(',response_code!="200"')) },
    failRequests: async ({ name }, { revision }, errorRatio) => {
      const fault = ['stand-in', 'errors', '--name', name, '--revision', revision, '--ratio', String(errorRatio)];
      await run([kind, ...fault], { timeoutMs: 10_000 });
    },
  };
}
