import * as z from 'zod';
import { count, dnsLabel, positiveDuration, ratio, text } from '../../../src/config/fields.ts';
import { type OutcomeKind, outcomes } from '../../../src/model/outcome.ts';
import { findStep, procedure, type StepName } from '../../../src/model/procedure.ts';
import { workloadKinds } from '../../../src/model/workload-kind.ts';

/** The format of a scenario, with the documentation of every field; schema/scenario.schema.json is generated from it. */

const side = z.enum(['old', 'new']);
const outcomeKinds = Object.keys(outcomes) as [OutcomeKind, ...OutcomeKind[]];
const workloadPattern = text('bar/*');
const stepNames = procedure.map(({ name }) => name);

/** A stage as people write it: by its name or its number. */
const stage = z
  .union([z.enum(stepNames), z.int().min(1).max(procedure.length)], 'is no stage of the procedure')
  .meta({ examples: ['judge-canary'] })
  .transform((written) => findStep(String(written)) as StepName);

const workload = z.strictObject({
  namespace: dnsLabel('namespace', 63, ['shop']).describe(
    'The namespace; if it does not exist, it is created and labelled with the tag.',
  ),
  name: dnsLabel('name of a workload', 63, ['cart']).describe(
    'The name of the workload, of its Service, and the value of its label app.',
  ),
  kind: z.enum(workloadKinds).default('Deployment').describe('The kind of workload.'),
  replicas: count(0, 2).default(1).describe('The number of pods; a DaemonSet has one pod on each node.'),
  strategy: z
    .enum(['RollingUpdate', 'Recreate', 'OnDelete'])
    .default('RollingUpdate')
    .describe('How its controller replaces pods.'),
  annotations: z.record(z.string(), z.string()).default({}).describe('Annotations of its pods.'),
  waits: z.boolean().default(true).describe('Whether its pods wait before they stop, by a preStop hook.'),
  sick: z
    .enum(['crashes', 'no-node'])
    .optional()
    .describe(
      'Why its pods are never ready, whatever proxy they have. crashes: its application crashes repeatedly. no-node: no node takes them.',
    ),
});

const podSecurity = z
  .record(z.string(), z.enum(['baseline', 'restricted']))
  .default({})
  .meta({ examples: ['{ bar: restricted }'] });

const mesh = z
  .strictObject({
    namespaces: count(3, 100)
      .max(2000, 'is above 2000')
      .default(3)
      .describe('The number of application namespaces, including foo, bar and baz of the seed mesh.'),
    replicas: count(1, 4)
      .max(20, 'is above 20')
      .optional()
      .describe('The number of pods of foo, bar and baz each. Default: 2.'),
    workloads: z.array(workload).default([]).describe('Workloads in addition to those of the seed mesh.'),
    traffic: z
      .union([
        z.literal('none'),
        z.string().regex(/^\d+ requests\/s$/, 'is neither none nor a number of requests a second'),
      ])
      .default('50 requests/s')
      .meta({ examples: ['50 requests/s'] })
      .describe('The traffic that each proxy serves.'),
    tcp: z
      .array(dnsLabel('namespace', 63, ['bar']))
      .min(1, 'names no namespace')
      .optional()
      .describe('The namespaces that serve TCP connections instead of requests, now and in the hours before.'),
    errors: ratio('1.5%')
      .optional()
      .describe(
        'The share of requests that fail at all times, in the hours before the upgrade as well; it rises and falls by chance.',
      ),
    set: z
      .array(text('meshConfig.accessLogFile=/dev/stdout'))
      .default([])
      .describe('The settings that the old istiod was installed with, as for istioctl install --set.'),
    installedBy: z
      .enum(['istioctl', 'helm'])
      .default('istioctl')
      .describe(
        'The tool that installed the old istiod and the CRDs; under helm the revision tag belongs to no release.',
      ),
    authorizer: text('opa')
      .optional()
      .describe(
        'The extension provider that authorizes the requests to foo, bar and baz, by an AuthorizationPolicy with the action CUSTOM. A proxy whose mesh config has no such provider refuses all of them with HTTP status 403.',
      ),
    outside: ratio('10%')
      .optional()
      .describe(
        'The share of the calls of foo, bar and baz that goes to hosts outside the registry. They fail at a proxy whose mesh config has outboundTrafficPolicy.mode REGISTRY_ONLY.',
      ),
    gatewayApi: z
      .boolean()
      .default(false)
      .describe(
        'Whether there is a Gateway of the Gateway API, gateway-api/public. It rolls as soon as the tag moves, without a restart by the tool.',
      ),
    podSecurity: podSecurity.describe(
      'The PodSecurity level that a namespace enforces from the time when its pods have started.',
    ),
  })
  .prefault({})
  .describe('The mesh before the upgrade: the seed mesh, with the changes given here.');

const release = z
  .strictObject({
    errors: ratio('20%')
      .optional()
      .describe('The share of requests that fail at its proxies, in addition to those that fail at all times.'),
    failure: z
      .strictObject({
        status: z.int().min(400).max(599).default(503).describe('The HTTP status that a failed request gets.'),
        path: text('/foo').optional().describe('Only requests whose path begins with this fail.'),
        grpc: z.literal(true).optional().describe('Only gRPC requests fail, with the status UNAVAILABLE.'),
        noRoute: z
          .literal(true)
          .optional()
          .describe('The callers have no route for them, so that no server gets them: HTTP status 404, flag NR.'),
        lostRoute: z
          .literal(true)
          .optional()
          .describe('The proxies of the servers have no route to the application: HTTP status 404, flag NR.'),
        tcp: z.literal(true).optional().describe('TCP connections fail instead of requests: they reach no server.'),
      })
      .optional()
      .describe('How the requests of errors fail. Default: with HTTP status 503.'),
    slow: positiveDuration('2s').optional().describe('How much longer each request takes at its proxies.'),
    config: z.literal('rejected').optional().describe('Its proxies reject the configuration that they get.'),
    errorsAfter: positiveDuration('10m')
      .optional()
      .describe('How long after the start of its first proxy the requests begin to fail.'),
    errorsFromRun: count(2, 2)
      .optional()
      .describe('The run, counted from 1, before which the requests begin to fail. Default: they fail from the start.'),
    errorsIn: z
      .array(dnsLabel('namespace', 63, ['bar']))
      .min(1, 'names no namespace')
      .optional()
      .describe('The namespaces in which requests fail. Default: all in which no gateway runs.'),
    image: z.literal('missing').optional().describe('The image of its proxy cannot be pulled.'),
    crashes: z.boolean().optional().describe('Whether its proxies crash repeatedly.'),
    istiod: z.literal('never-ready').optional().describe('Its istiod runs but never becomes ready.'),
  })
  .prefault({})
  .describe('How the new release behaves. Default: without faults.');

const fault = z.strictObject({
  kind: z
    .enum(['prometheus-down', 'gitops-reverts-tag', 'traffic-stops', 'incident', 'istiod-crashes'])
    .describe(
      'prometheus-down: Prometheus does not answer. gitops-reverts-tag: a GitOps controller reverts the webhook of the tag. traffic-stops: no client sends requests. incident: 5 % more of the requests fail in the whole mesh, whatever the release. istiod-crashes: the new istiod crashes repeatedly.',
    ),
  stage: stage.describe('The fault begins when the first run reaches this stage, given by name or number.'),
  for: positiveDuration('3m').optional().describe('How long the fault lasts. Default: to the end of that run.'),
});

const change = z
  .strictObject({
    paused: z.array(text('bar/bar')).default([]).describe('Deployments that are paused, each as NAMESPACE/NAME.'),
    podSecurity: podSecurity.describe('The PodSecurity level that a namespace enforces from then on.'),
    oldIstiod: z
      .literal('1 of 2 ready')
      .optional()
      .describe('The old istiod is scaled to two replicas, of which the second one crashes repeatedly.'),
    istiods: z
      .array(z.enum(['new is installed', 'old is removed']))
      .default([])
      .describe('What the tool or the person does for whom a run waits, with mesh.installer: external.'),
  })
  .describe('What other people and programs change in the mesh before this run.');

const run = z.strictObject({
  verb: z.enum(['check', 'plan', 'upgrade', 'rollback', 'status']).describe('The command to run.'),
  repaired: z
    .literal(true)
    .optional()
    .describe(
      'Before this run the release is repaired: its proxies fail no more requests, as after a new build of it.',
    ),
  before: change.optional(),
  through: text('canary').optional().describe('The stage or wave after which the run stops.'),
  killAt: text('✔ 3 ').optional().describe('The run is killed (SIGKILL) when this text appears in its log.'),
  killAfter: positiveDuration('5s')
    .optional()
    .describe('The run is killed (SIGKILL) this long after it started its work.'),
  cancelAt: text('→ install istiod').optional().describe('The job is cancelled when this text appears in its log.'),
  exitCode: count(0, 0)
    .optional()
    .describe('The expected exit code; not allowed for a run that is killed or cancelled.'),
  outcome: z.enum(outcomeKinds).optional().describe('The expected outcome in its report.'),
  stages: z
    .array(stage)
    .optional()
    .meta({ examples: ['[precheck, install-control-plane]'] })
    .describe('Exactly the stages that the run completed or found complete, in order, by name or number.'),
  verdicts: z
    .array(z.record(z.string(), z.enum(['pass', 'fail', 'hold', 'inconclusive'])))
    .optional()
    .meta({ examples: ['[canary: pass]'] })
    .describe('Exactly the verdicts that the run gave, wave by wave.'),
  problem: text('GATE_FAILED').optional().describe('The code of the first problem in its outcome.'),
  log: z.array(text('canary')).default([]).describe('Texts that its log must contain.'),
  left: z
    .array(workloadPattern)
    .optional()
    .meta({ examples: ['[bar/bar]'] })
    .describe(
      'Patterns NAMESPACE/NAME of the workloads that its log and its report name as left on the new proxy (PODS_LEFT_BEHIND): each named one matches, and each pattern has a match.',
    ),
  summary: z
    .array(text('## ✘ finalize, *: held'))
    .default([])
    .describe('Lines that the summary of its job must contain; * stands for any characters.'),
  conclusion: z.enum(['success', 'failure', 'cancelled']).optional().describe('The expected conclusion of its job.'),
  writes: z.literal('nothing').optional().describe('The run changes no workload, no tag and no control plane.'),
  tagBack: positiveDuration('1s')
    .optional()
    .describe('The longest allowed time from the verdict until the tag points to the old revision again.'),
  took: positiveDuration('1h').optional().describe('The longest allowed duration of the run, in the time of the mesh.'),
});

const expectation = z
  .strictObject({
    tag: side.describe('The control plane that every object of the tag points to.'),
    pods: z
      .union([z.enum(['old', 'new', 'mixed']), z.record(workloadPattern, z.enum([...side.options, 'stuck']))])
      .meta({ examples: ['new'] })
      .describe(
        'Which proxies the pods of the mesh have; all pods must be ready, except with mixed. Or a map by NAMESPACE/POD, of which the first match counts; stuck: either proxy, and not ready.',
      ),
    controlPlanes: z
      .array(side)
      .min(1, 'names none')
      .meta({ examples: ['[new]'] })
      .describe('Exactly the control planes that are installed.'),
    restarts: z
      .record(workloadPattern, z.int().min(0))
      .describe(
        'How often each NAMESPACE/WORKLOAD was restarted. The first match counts; a workload without a match must not be restarted.',
      ),
    untouched: z
      .array(dnsLabel('namespace', 63, ['outside']))
      .min(1, 'names no namespace')
      .meta({ examples: ['[outside]'] })
      .describe('Namespaces in which nothing has changed.'),
  })
  .describe('The expected state of the mesh at the end.');

export const scenarioSchema = z
  .strictObject({
    title: text('a good release').describe('What happens, in one line.'),
    backends: z
      .array(z.enum(['sim', 'lab', 'kind']))
      .min(1, 'names none')
      .default(['sim'])
      .meta({ examples: ['[sim, lab]'] })
      .describe('The backends that can run the scenario.'),
    entryPoint: z
      .enum(['cli', 'action'])
      .optional()
      .describe('The only entry point that the scenario supports: cli or action.'),
    mesh,
    release,
    faults: z.array(fault).default([]).describe('What else goes wrong.'),
    config: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Changes to the istio-upgrade.yaml of the rehearsal, merged map by map.'),
    runs: z.array(run).min(1, 'has no run').describe('The runs, one after the other, and what is expected of each.'),
    expect: expectation,
  })
  .describe('A rehearsal of an upgrade: the mesh, what goes wrong, the runs, and the expected state at the end.');

export type ScenarioShape = z.output<typeof scenarioSchema>;
export type MeshShape = ScenarioShape['mesh'];
export type ReleaseShape = ScenarioShape['release'];
export type FaultShape = ScenarioShape['faults'][number];
export type RunShape = ScenarioShape['runs'][number];
export type ChangeShape = NonNullable<RunShape['before']>;

/** What editors read: the scenario as it may be written. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(scenarioSchema, { io: 'input' });
  return { $schema, title: 'scenario of a rehearsal', ...rest };
}
