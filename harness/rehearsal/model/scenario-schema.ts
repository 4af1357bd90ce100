import * as z from 'zod';
import { count, dnsLabel, positiveDuration, ratio, text } from '../../../src/config/fields.ts';
import { exitCodes, type OutcomeKind } from '../../../src/model/outcome.ts';
import { findStep, procedure, type StepName } from '../../../src/model/procedure.ts';
import { workloadKinds } from '../../../src/model/workload-kind.ts';

/** What a scenario may say, with the documentation of every field; schema/scenario.schema.json is made from it. */

const side = z.enum(['old', 'new']);
const outcomeKinds = Object.keys(exitCodes) as [OutcomeKind, ...OutcomeKind[]];
const workloadPattern = text('bar/*');
const stepNames = procedure.map(({ name }) => name);

/** A stage as people write it: by its name or its number. */
const stage = z
  .union([z.enum(stepNames), z.int().min(1).max(procedure.length)], 'is no stage of the procedure')
  .meta({ examples: ['judge-canary'] })
  .transform((written) => findStep(String(written)) as StepName);

const workload = z.strictObject({
  namespace: dnsLabel('namespace', 63, ['shop']).describe('Made when the mesh has none of this name, with the tag.'),
  name: dnsLabel('name of a workload', 63, ['cart']).describe('Its name, that of its Service, and its label app.'),
  kind: z.enum(workloadKinds).default('Deployment').describe('What it is.'),
  replicas: count(0, 2).default(1).describe('Its pods; a DaemonSet has one on each node.'),
  strategy: z
    .enum(['RollingUpdate', 'Recreate', 'OnDelete'])
    .default('RollingUpdate')
    .describe('How its controller replaces pods.'),
  annotations: z.record(z.string(), z.string()).default({}).describe('Annotations of its pods.'),
});

const mesh = z
  .strictObject({
    namespaces: count(3, 100)
      .max(2000, 'is above 2000')
      .default(3)
      .describe('Application namespaces in all; foo, bar and baz of the seed are three of them.'),
    workloads: z.array(workload).default([]).describe('Workloads besides those of the seed.'),
    traffic: z
      .union([
        z.literal('none'),
        z.string().regex(/^\d+ requests\/s$/, 'is neither none nor a number of requests a second'),
      ])
      .default('50 requests/s')
      .meta({ examples: ['50 requests/s'] })
      .describe('What each proxy serves.'),
    gatewayApi: z
      .boolean()
      .default(false)
      .describe('Whether there is a Gateway of the Gateway API, gateway-api/public, which follows the tag by itself.'),
  })
  .prefault({})
  .describe('The mesh before the upgrade: that of the seed, and what is said here.');

const release = z
  .strictObject({
    errors: ratio('20%').optional().describe('The share of requests that its proxies fail.'),
    errorsAfter: positiveDuration('10m').optional().describe('How long after its first proxy they begin to fail.'),
    errorsIn: z
      .array(dnsLabel('namespace', 63, ['bar']))
      .min(1, 'names no namespace')
      .optional()
      .describe('In which namespaces they fail; when left out: in all.'),
    image: z.literal('missing').optional().describe('The image of its proxy cannot be pulled.'),
    crashes: z.boolean().optional().describe('Its proxies crash again and again.'),
    istiod: z.literal('never-ready').optional().describe('Its istiod runs and never gets ready.'),
  })
  .prefault({})
  .describe('How the new release behaves; when left out: well.');

const fault = z.strictObject({
  kind: z
    .enum(['prometheus-down', 'gitops-reverts-tag', 'traffic-stops'])
    .describe(
      'Prometheus does not answer; a GitOps controller puts the webhook of the tag back; nobody calls any more.',
    ),
  stage: stage.describe('It begins when the first run reaches this stage, given by name or number.'),
  for: positiveDuration('3m').optional().describe('How long; when left out: to the end of that run.'),
});

const run = z.strictObject({
  verb: z.enum(['check', 'plan', 'upgrade', 'rollback', 'status']).describe('What the product is asked.'),
  through: text('canary').optional().describe('The stage or wave after which it stops.'),
  killAt: text('✔ 3 ').optional().describe('Kills it (SIGKILL) when this text stands in its log.'),
  killAfter: positiveDuration('5s').optional().describe('Kills it (SIGKILL) so long after it began its work.'),
  cancelAt: text('→ install istiod').optional().describe('Cancels its job when this text stands in its log.'),
  exitCode: count(0, 0).optional().describe('With which exit code it ends; not for one that is killed or cancelled.'),
  outcome: z.enum(outcomeKinds).optional().describe('How it ends, by its report.'),
  stages: z
    .array(stage)
    .optional()
    .meta({ examples: ['[precheck, install-control-plane]'] })
    .describe('Exactly the stages that it found done or did, in order, by name or number.'),
  verdicts: z
    .array(z.record(z.string(), z.enum(['pass', 'fail', 'hold', 'inconclusive'])))
    .optional()
    .meta({ examples: ['[canary: pass]'] })
    .describe('Exactly the verdicts that it gave, wave by wave.'),
  problem: text('GATE_FAILED').optional().describe('The code of the first problem in its outcome.'),
  log: z.array(text('canary')).default([]).describe('Texts that its log has.'),
  summary: z
    .array(text('## ✘ finalize, *: held'))
    .default([])
    .describe('Lines that the summary of its job has; * stands for any characters.'),
  conclusion: z.enum(['success', 'failure', 'cancelled']).optional().describe('How its job ends.'),
  writes: z.literal('nothing').optional().describe('It changes no workload, no tag and no control plane.'),
  tagBack: positiveDuration('1s').optional().describe('At most so long from the verdict until the tag was back.'),
  took: positiveDuration('1h').optional().describe('At most so long, in the time of the mesh.'),
});

const expectation = z
  .strictObject({
    tag: side.describe('The control plane that every object of the tag names.'),
    pods: z
      .union([z.enum(['old', 'new', 'mixed']), z.record(workloadPattern, side)])
      .meta({ examples: ['new'] })
      .describe('Which proxies the pods of the mesh have, all ready but when mixed; or by NAMESPACE/POD, first fit.'),
    controlPlanes: z
      .array(side)
      .min(1, 'names none')
      .meta({ examples: ['[new]'] })
      .describe('Exactly the control planes that are installed.'),
    restarts: z
      .record(workloadPattern, z.int().min(0))
      .describe('How often each NAMESPACE/WORKLOAD was restarted: the first that fits counts, all others 0 times.'),
    untouched: z
      .array(dnsLabel('namespace', 63, ['outside']))
      .min(1, 'names no namespace')
      .meta({ examples: ['[outside]'] })
      .describe('Namespaces in which nothing at all has changed.'),
  })
  .describe('What must be true of the mesh at the end.');

export const scenarioSchema = z
  .strictObject({
    title: text('a good release').describe('What happens, in a line.'),
    backends: z
      .array(z.enum(['sim', 'lab', 'kind']))
      .min(1, 'names none')
      .default(['sim'])
      .meta({ examples: ['[sim, lab]'] })
      .describe('What it can be rehearsed on.'),
    door: z.enum(['cli', 'action']).optional().describe('The only door through which it makes sense.'),
    mesh,
    release,
    faults: z.array(fault).default([]).describe('What goes wrong besides.'),
    config: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("Laid over the rehearsal's istio-upgrade.yaml, map by map."),
    runs: z.array(run).min(1, 'has no run').describe('What is done, one after the other, and what each must give.'),
    expect: expectation,
  })
  .describe('A rehearsal of an upgrade: the mesh, what goes wrong, what is done, and what must be true.');

export type ScenarioShape = z.output<typeof scenarioSchema>;
export type MeshShape = ScenarioShape['mesh'];
export type ReleaseShape = ScenarioShape['release'];
export type FaultShape = ScenarioShape['faults'][number];
export type RunShape = ScenarioShape['runs'][number];

/** What editors read: the scenario as it may be written. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(scenarioSchema, { io: 'input' });
  return { $schema, title: 'scenario of a rehearsal', ...rest };
}
