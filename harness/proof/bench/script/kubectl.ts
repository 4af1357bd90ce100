import { listPath, objectPath } from '../../../../src/kubernetes/resource-path.ts';
import type { Transport } from '../../../../src/kubernetes/transport.ts';
import type { Clock } from '../../../../src/model/clock.ts';
import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { DaemonSets, Deployments, Namespaces, StatefulSets } from '../../../../src/ports/kinds.ts';
import type { Kind, ListOptions } from '../../../../src/ports/kubernetes.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import { CommandFailed } from './command-failed.ts';
import { RestClient } from './rest-client.ts';
import { waitForRollout } from './wait-for-rollout.ts';

/** Kinds by the names that scripts give them. */
const kinds = {
  deployment: Deployments,
  statefulset: StatefulSets,
  daemonset: DaemonSets,
  namespace: Namespaces,
} as const satisfies Record<string, Kind>;

type ResourceName = keyof typeof kinds;
export type RolloutResource = 'deployment' | 'statefulset' | 'daemonset';

/** So many at a time, as kubectl asks for them. */
const pageSize = '500';

/** The few commands of kubectl that scripts use, over the cluster's API. Each fails as the program does: with exit code 1. */
export class Kubectl {
  readonly #client: RestClient;
  readonly #clock: Clock;

  constructor(transport: Transport, clock: Clock) {
    this.#client = new RestClient(transport, clock);
    this.#clock = clock;
  }

  /** `kubectl get <resource> [-n <namespace>] [-l <selector>] -o name | cut -d/ -f2` */
  async names(resource: ResourceName, options: ListOptions = {}): Promise<readonly string[]> {
    return await running(`kubectl get ${resource}`, async () => {
      const names: string[] = [];
      let next: string | undefined;
      do {
        const path = listPath(kinds[resource], options, { limit: pageSize, continue: next });
        const page = await this.#client.json<{ items: KubernetesObject[]; metadata?: { continue?: string } }>(
          'GET',
          path,
        );
        names.push(...page.items.map(({ metadata }) => metadata.name));
        next = page.metadata?.continue || undefined;
      } while (next !== undefined);
      return names;
    });
  }

  /** `kubectl rollout restart <resource> <name> -n <namespace>` */
  async rolloutRestart(resource: RolloutResource, namespace: string, name: string): Promise<void> {
    await running(`kubectl rollout restart ${resource} ${name}`, async () => {
      const path = objectPath(kinds[resource], { namespace, name });
      const { spec } = await this.#client.json<WorkloadObject>('GET', path);
      if (spec.paused === true) throw new Error(`can't restart paused ${resource} (run rollout resume first)`);
      // Whole seconds of the machine's own clock, as RFC 3339 tells them.
      const restartedAt = `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
      const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt };
      await this.#client.json('PATCH', `${path}?fieldManager=kubectl-rollout`, {
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { template: { metadata: { annotations } } } },
      });
    });
  }

  /** `kubectl rollout status <resource> <name> -n <namespace> --timeout=...` */
  async rolloutStatus(
    resource: RolloutResource,
    namespace: string,
    name: string,
    { timeoutMs }: { timeoutMs: number },
  ): Promise<void> {
    await running(`kubectl rollout status ${resource} ${name}`, () =>
      waitForRollout(this.#client, this.#clock, { kind: kinds[resource], namespace, name, timeoutMs }),
    );
  }
}

async function running<T>(command: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    throw new CommandFailed(command, 1, failure instanceof Error ? failure.message : String(failure));
  }
}
