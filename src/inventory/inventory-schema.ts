import * as z from 'zod';
import { workloadKinds } from '../model/workload-kind.ts';

/** The content of an inventory of a mesh: enough to rehearse its upgrade elsewhere, and no secrets. */

const whole = z.number().int().nonnegative();
const labels = z.record(z.string(), z.string());
const amounts = z.strictObject({
  cpu: z.number().nonnegative().describe('Cores.'),
  memory: z.number().nonnegative().describe('Bytes.'),
});
const portion = z.union([z.number(), z.string()]);

const controlPlane = z.strictObject({
  revision: z.string().describe('The name of the revision; default if istiod was installed without one.'),
  version: z.string().nullable().describe('The version of its image; null if the image has no version.'),
  replicas: whole.describe('The desired number of istiod pods.'),
  ready: whole.describe('The number of istiod pods that are ready.'),
});

const tag = z.strictObject({
  name: z.string().describe('The revision tag.'),
  revision: z
    .string()
    .nullable()
    .describe('The revision that its objects point to; null if they differ or point to none.'),
});

const webhook = z.strictObject({
  configuration: z.string().describe('The MutatingWebhookConfiguration.'),
  name: z.string().describe('The webhook in it.'),
  revision: z
    .string()
    .nullable()
    .describe('The revision of the istiod that it calls; null if it calls no known istiod.'),
  failurePolicy: z.string().describe('What happens to a new pod if the webhook does not answer: Fail or Ignore.'),
});

const namespace = z.strictObject({
  name: z.string().describe('The name, or its hash.'),
  labels: labels.describe('Only the labels that decide about injection and about the rights of pods.'),
});

const strategy = z.strictObject({
  type: z.enum(['RollingUpdate', 'Recreate', 'OnDelete']).describe('How its controller replaces pods.'),
  maxSurge: portion
    .optional()
    .describe('How many pods may exist above the desired number, as a number or a percentage.'),
  maxUnavailable: portion.optional().describe('How many pods may be missing, as a number or a percentage.'),
  partition: whole
    .optional()
    .describe('For a StatefulSet: pods with an ordinal below this number keep their old template.'),
  minReadySeconds: whole.optional().describe('How long a pod must be ready before it counts as available.'),
  progressDeadlineSeconds: whole
    .optional()
    .describe('After this time without progress a Deployment reports its rollout as failed.'),
  paused: z.boolean().optional().describe('Whether the Deployment is paused; then it starts no rollout.'),
});

const workload = z.strictObject({
  kind: z.enum(workloadKinds).describe('The kind of workload.'),
  namespace: z.string().describe('The namespace, or its hash.'),
  name: z.string().describe('The name, or its hash.'),
  replicas: whole.describe('The desired number of pods.'),
  strategy: strategy.describe('How a restart replaces its pods.'),
  labels: labels.describe('Labels of the pod template; only those that decide about injection.'),
  annotations: labels.describe('Annotations of the pod template; only those that decide about injection.'),
  pinsProxyImage: z.boolean().describe('Whether an annotation of the pod template sets the image of the proxy.'),
  hasFixedProxy: z
    .boolean()
    .describe('Whether the pod template contains the proxy itself; then a restart does not change the proxy.'),
  isGateway: z.boolean().describe('Whether it is a gateway that istiod injects.'),
  gateway: z
    .string()
    .nullable()
    .describe('The Gateway of the Gateway API that the workload was created for; null for other workloads.'),
  follows: z
    .string()
    .nullable()
    .describe('The tag or revision whose webhook injects its pods; null if no webhook does.'),
  pods: z
    .record(z.string(), whole)
    .describe('The number of live pods by the revision that injected them; "none" counts pods without a sidecar.'),
  readySeconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('The time from the creation of a pod until it is ready: the median of the live pods; null if unknown.'),
  waits: z
    .boolean()
    .optional()
    .describe('Whether its pods wait before they stop, by a preStop hook; absent in exports of earlier releases.'),
  priority: z
    .int()
    .optional()
    .describe('The highest priority of its pods, by their PriorityClass; absent if it is 0 or unknown.'),
  requests: amounts.describe('The resources that one pod requests, including the proxy.'),
  traffic: z
    .strictObject({
      rps: z.number().nonnegative().describe('Requests per second that all its pods served together.'),
      errorRatio: z.number().min(0).max(1).describe('The share of these requests that failed with 5xx.'),
    })
    .nullable()
    .describe('The traffic according to Prometheus; null if Prometheus was not asked or did not answer.'),
});

const loosePod = z.strictObject({
  namespace: z.string().describe('The namespace, or its hash.'),
  name: z.string().describe('The name, or its hash.'),
  revision: z.string().describe('The revision that injected the pod.'),
});

const selected = z.strictObject({
  namespace: z.string().describe('The namespace, or its hash.'),
  workloads: z.array(z.string()).describe('The names of the workloads whose pods it selects.'),
  minAvailable: portion.optional().describe('How many pods must stay available, as a number or a percentage.'),
  maxUnavailable: portion.optional().describe('How many pods may be missing, as a number or a percentage.'),
});

const autoscaler = z.strictObject({
  namespace: z.string().describe('The namespace, or its hash.'),
  kind: z.string().describe('The kind of the workload that it scales.'),
  workload: z.string().describe('The name of the workload that it scales.'),
  min: whole.describe('The minimum number of pods.'),
  max: whole.describe('The maximum number of pods.'),
});

export const inventorySchema = z
  .strictObject({
    schema: z.literal(1).describe('The version of this format.'),
    takenAt: z.iso.datetime().describe('The time of the export, by the clock of the API server.'),
    namesHashed: z
      .boolean()
      .describe('Whether names of namespaces, workloads, pods and gateways are replaced by hashes.'),
    kubernetesVersion: z.string().describe('The version of the API server.'),
    istioNamespace: z.string().describe('The namespace of istiod.'),
    tag: z.string().describe('The revision tag that an upgrade would move.'),
    controlPlanes: z.array(controlPlane).describe('Every istiod.'),
    tags: z.array(tag).describe('Every revision tag.'),
    webhooks: z.array(webhook).describe('Every webhook that injects proxies.'),
    namespaces: z.array(namespace).describe('Every namespace.'),
    workloads: z.array(workload).describe('Every workload that is in the mesh or has pods in it.'),
    workloadsOutside: whole.describe('The number of workloads outside the mesh.'),
    loosePods: z.array(loosePod).describe('Pods in the mesh that belong to no workload, so no restart replaces them.'),
    gateways: z
      .array(
        z.strictObject({
          namespace: z.string().describe('The namespace, or its hash.'),
          name: z.string().describe('The name, or its hash.'),
        }),
      )
      .describe('Gateways of the Gateway API.'),
    disruptionBudgets: z.array(selected).describe('PodDisruptionBudgets that select pods of the workloads.'),
    autoscalers: z.array(autoscaler).describe('HorizontalPodAutoscalers of the workloads.'),
    nodes: z
      .strictObject({
        count: whole.describe('The number of nodes.'),
        allocatable: amounts.describe('The allocatable resources of all nodes together.'),
        free: amounts.describe(
          'The allocatable resources without the requests of all Deployments, StatefulSets and DaemonSets.',
        ),
      })
      .nullable()
      .describe('The room for additional pods during rollouts; null if the nodes could not be read.'),
    unread: z.array(z.string()).describe('What could not be read and is therefore missing in this file.'),
  })
  .describe(
    'A description of a mesh, to rehearse its upgrade elsewhere. It contains no secrets, environment variables or images.',
  );

export type Inventory = z.output<typeof inventorySchema>;
export type InventoryWorkload = Inventory['workloads'][number];
export type Strategy = InventoryWorkload['strategy'];

/** What is published as schema/inventory.schema.json. */
export function inventoryJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(inventorySchema);
  return { $schema, title: 'inventory of a mesh', ...rest };
}
