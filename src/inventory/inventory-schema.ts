import * as z from 'zod';
import { workloadKinds } from '../model/workload-kind.ts';

/** What an inventory says of a mesh: enough to rehearse its upgrade elsewhere, and nothing that is anybody's secret. */

const whole = z.number().int().nonnegative();
const labels = z.record(z.string(), z.string());
const amounts = z.strictObject({
  cpu: z.number().nonnegative().describe('Cores.'),
  memory: z.number().nonnegative().describe('Bytes.'),
});
const portion = z.union([z.number(), z.string()]);

const controlPlane = z.strictObject({
  revision: z.string().describe('Its name; default for an istiod installed without one.'),
  version: z.string().nullable().describe('Of its image; null when the image does not say.'),
  replicas: whole.describe('Pods of istiod that are wanted.'),
  ready: whole.describe('Those that are ready.'),
});

const tag = z.strictObject({
  name: z.string().describe('The revision tag.'),
  revision: z.string().nullable().describe('What its objects name; null when they disagree or name nothing.'),
});

const webhook = z.strictObject({
  configuration: z.string().describe('The MutatingWebhookConfiguration.'),
  name: z.string().describe('The webhook in it.'),
  revision: z.string().nullable().describe('The istiod that it calls; null when it calls none that we know.'),
  failurePolicy: z.string().describe('What becomes of a pod when it does not answer: Fail or Ignore.'),
});

const namespace = z.strictObject({
  name: z.string().describe('Its name, or its hash.'),
  labels: labels.describe('Only those that decide about injection and about the rights of pods.'),
});

const strategy = z.strictObject({
  type: z.enum(['RollingUpdate', 'Recreate', 'OnDelete']).describe('How its controller replaces pods.'),
  maxSurge: portion.optional().describe('Pods above the wanted ones, as a number or a share.'),
  maxUnavailable: portion.optional().describe('Pods that may be missing, as a number or a share.'),
  partition: whole.optional().describe('Of a StatefulSet: pods below this number keep their template.'),
  minReadySeconds: whole.optional().describe('How long a pod must be ready to count.'),
  progressDeadlineSeconds: whole.optional().describe('After which a Deployment gives up.'),
  paused: z.boolean().optional().describe('A paused Deployment starts no rollout.'),
});

const workload = z.strictObject({
  kind: z.enum(workloadKinds).describe('What it is.'),
  namespace: z.string().describe('Where it is.'),
  name: z.string().describe('Its name, or its hash.'),
  replicas: whole.describe('Pods that are wanted.'),
  strategy: strategy.describe('How a restart replaces its pods.'),
  labels: labels.describe('Of the pod template, only those that decide about injection.'),
  annotations: labels.describe('Of the pod template, only those that decide about injection.'),
  pinsProxyImage: z.boolean().describe('An annotation of the template names the image of the proxy.'),
  hasFixedProxy: z.boolean().describe('The template holds the proxy itself: a restart changes nothing.'),
  isGateway: z.boolean().describe('It is a gateway that istiod injects.'),
  gateway: z.string().nullable().describe('The Gateway of the Gateway API that it was made for.'),
  follows: z.string().nullable().describe('The tag or revision whose webhook injects its pods; null for none.'),
  pods: z.record(z.string(), whole).describe('Live pods by the revision that injected them; none without a sidecar.'),
  readySeconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('From the creation of a pod to its readiness, the median of the live ones; null when unknown.'),
  requests: amounts.describe('What one pod asks of its node, the proxy included.'),
  traffic: z
    .strictObject({
      rps: z.number().nonnegative().describe('Requests a second that its pods served together.'),
      errorRatio: z.number().min(0).max(1).describe('The share of them that failed with 5xx.'),
    })
    .nullable()
    .describe('As Prometheus had it; null when it was not asked or did not answer.'),
});

const loosePod = z.strictObject({
  namespace: z.string().describe('Where it is.'),
  name: z.string().describe('Its name, or its hash.'),
  revision: z.string().describe('What injected it.'),
});

const selected = z.strictObject({
  namespace: z.string().describe('Where it is.'),
  workloads: z.array(z.string()).describe('The names of the workloads whose pods it selects.'),
  minAvailable: portion.optional().describe('Pods that must stay, as a number or a share.'),
  maxUnavailable: portion.optional().describe('Pods that may be missing, as a number or a share.'),
});

const autoscaler = z.strictObject({
  namespace: z.string().describe('Where it is.'),
  kind: z.string().describe('Of what it scales.'),
  workload: z.string().describe('The name of what it scales.'),
  min: whole.describe('The fewest pods.'),
  max: whole.describe('The most pods.'),
});

export const inventorySchema = z
  .strictObject({
    schema: z.literal(1).describe('The version of this form.'),
    takenAt: z.iso.datetime().describe('When, by the clock of the API server.'),
    namesHashed: z.boolean().describe('Names of namespaces, workloads, pods and gateways stand as hashes.'),
    kubernetesVersion: z.string().describe('Of the API server.'),
    istioNamespace: z.string().describe('Where istiod runs.'),
    tag: z.string().describe('The revision tag that an upgrade would move.'),
    controlPlanes: z.array(controlPlane).describe('Every istiod.'),
    tags: z.array(tag).describe('Every revision tag.'),
    webhooks: z.array(webhook).describe('Every webhook that injects.'),
    namespaces: z.array(namespace).describe('Every namespace.'),
    workloads: z.array(workload).describe('Every workload that is in the mesh or has pods in it.'),
    workloadsOutside: whole.describe('How many others there are.'),
    loosePods: z.array(loosePod).describe('Mesh pods that no restart reaches.'),
    gateways: z
      .array(z.strictObject({ namespace: z.string().describe('Where it is.'), name: z.string().describe('Its name.') }))
      .describe('Gateways of the Gateway API.'),
    disruptionBudgets: z.array(selected).describe('PodDisruptionBudgets that select pods of the workloads.'),
    autoscalers: z.array(autoscaler).describe('HorizontalPodAutoscalers of the workloads.'),
    nodes: z
      .strictObject({
        count: whole.describe('Nodes in all.'),
        allocatable: amounts.describe('What they offer to pods together.'),
        free: amounts.describe('That, less what the Deployments, StatefulSets and DaemonSets of the cluster ask for.'),
      })
      .nullable()
      .describe('The room for pods beside the old ones; null when the nodes may not be read.'),
    unread: z.array(z.string()).describe('What could not be read and is therefore missing here.'),
  })
  .describe('What is known of a mesh, to rehearse its upgrade elsewhere. Holds no secrets, environment or images.');

export type Inventory = z.output<typeof inventorySchema>;
export type InventoryWorkload = Inventory['workloads'][number];
export type Strategy = InventoryWorkload['strategy'];

/** What is published as schema/inventory.schema.json. */
export function inventoryJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(inventorySchema);
  return { $schema, title: 'inventory of a mesh', ...rest };
}
