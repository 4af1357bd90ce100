import * as z from 'zod';
import { workloadKinds } from '../model/workload-kind.ts';
import { count, day, dnsLabel, duration, limit, portion, positiveDuration, ratio, text } from './fields.ts';

/** What a user may write, with the defaults and the documentation of every field; the JSON Schema is made from it. */

const mesh = z
  .strictObject({
    // The Service `istiod-revision-tag-TAG` must fit into 63 characters.
    tag: dnsLabel('revision tag', 43, ['default', 'stable'])
      .default('default')
      .describe('The revision tag that the namespaces carry in their label istio.io/rev, and that the upgrade moves.'),
    namespace: dnsLabel('namespace', 63, ['istio-system'])
      .default('istio-system')
      .describe('The namespace in which istiod runs.'),
  })
  .prefault({})
  .describe('Which mesh.');

const target = z
  .strictObject({
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+(?:-[0-9a-z]+(?:[.-][0-9a-z]+)*)?$/, 'is not a full Istio version')
      .meta({ examples: ['1.31.0'] })
      .describe('The Istio version to upgrade to.'),
    // The Service `istiod-REVISION` must fit into 63 characters.
    revision: dnsLabel('revision', 56, ['1-31-0'])
      .optional()
      .describe('The name of the new revision. When left out: the version with dashes.'),
    istioctl: text('istioctl')
      .default('istioctl')
      .describe(
        'istioctl of the target version: a name on the PATH, or a path relative to this file. It is used in both directions.',
      ),
    values: text('mesh-values.yaml')
      .optional()
      .describe('A file with an IstioOperator or values for `istioctl install -f`, relative to this file.'),
    set: z
      .array(
        z
          .string()
          .regex(/^[^=\s]+=/, 'is not a pair PATH=VALUE')
          .meta({ examples: ['meshConfig.accessLogFile=/dev/stdout'] }),
      )
      .default([])
      .describe('Pairs for `istioctl install --set`.'),
  })
  .describe('What to upgrade to.');

const gateway = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*$/, 'is not a pair NAMESPACE/NAME')
  .meta({ examples: ['istio-ingress/istio-ingressgateway'] });

const namespacePattern = z
  .string()
  .regex(/^[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?$/, 'is neither the name of a namespace nor a pattern like "team-*"')
  .meta({ examples: ['team-*'] });

const wave = z.strictObject({
  name: dnsLabel('name of a wave', 63, ['canary']).describe(
    'Names the wave on the command line and in reports. Not a number and not the name of a stage.',
  ),
  namespaces: z
    .union([z.literal('*'), z.array(namespacePattern).min(1, 'names no namespace')])
    .meta({ examples: ['[bar, "team-*"]'] })
    .describe('Names and patterns of namespaces; or "*", all that no other wave names, in the last wave only.'),
  atOnce: portion('25%')
    .default('100%')
    .describe('How many of the namespaces restart and are judged together: a percentage, or a whole number of them.'),
});

const basicAuth = z
  .strictObject({
    username: text('prometheus').describe('The name to log in with.'),
    passwordEnv: text('PROMETHEUS_PASSWORD').optional().describe('The environment variable with the password.'),
    passwordFile: text('prometheus-password').optional().describe('The file with the password.'),
  })
  .describe('HTTP basic authentication.');

/** Also that of the short form, a URL alone. */
export const QUERY_TIMEOUT = '15s';

const prometheusUrl = z.string().meta({
  examples: ['http://prometheus.monitoring:9090', 'kubernetes://monitoring/prometheus:9090'],
});

const prometheus = z
  .union([
    prometheusUrl,
    z.strictObject({
      url: prometheusUrl.describe('http, https, or kubernetes://NAMESPACE/SERVICE:PORT through the API server.'),
      bearerTokenFile: text('token').optional().describe('A file with a bearer token.'),
      bearerTokenEnv: text('PROMETHEUS_TOKEN').optional().describe('An environment variable with a bearer token.'),
      basicAuth: basicAuth.optional(),
      headers: z
        .record(z.string(), z.string())
        .default({})
        .describe(`More headers, literal or with environment variables, for example "\${TENANT}".`),
      caFile: text('ca.pem').optional().describe('The certificates to trust, PEM.'),
      certFile: text('client.pem').optional().describe('The client certificate, PEM.'),
      keyFile: text('client-key.pem').optional().describe('The key of the client certificate, PEM.'),
      insecureSkipVerify: z.boolean().default(false).describe('Do not verify the server. Only for tests.'),
      timeout: positiveDuration('15s').default(QUERY_TIMEOUT).describe('For one query.'),
    }),
  ])
  .meta({ examples: ['http://prometheus.monitoring:9090'] })
  .describe(
    'Where Prometheus answers: a URL (http, https, kubernetes://NAMESPACE/SERVICE:PORT), or one with credentials.',
  );

const labelName = (example: string) =>
  z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not the name of a Prometheus label')
    .meta({ examples: [example] });

const check = z.strictObject({
  name: text('checkout errors').describe('Names the check in reports.'),
  query: text(`sum(rate(http_errors{namespace=~"\${namespaces}"}[2m]))`).describe(
    `PromQL for one instant. May use \${namespaces} (a regular expression for the wave's namespaces), \${wave}, \${revision}, \${from} and \${window}.`,
  ),
  max: limit('0.5%').optional().describe('No series of the answer may be above this.'),
  min: limit('99%').optional().describe('No series of the answer may be below this.'),
  empty: z
    .enum(['hold', 'zero'])
    .default('hold')
    .describe('What an empty answer means: telemetry cannot be trusted (hold), or the value is zero.'),
});

const gate = z
  .strictObject({
    prometheus,
    interval: positiveDuration('15s').default('15s').describe('Between two looks; the scrape interval of Prometheus.'),
    settle: duration('30s').default('30s').describe('Samples younger than this are not judged yet.'),
    bake: positiveDuration('10m').default('10m').describe("How long a wave is judged, from its last pod's readiness."),
    maxBake: positiveDuration('30m')
      .optional()
      .describe('When the verdict is inconclusive at last. When left out: three times the bake.'),
    telemetryTimeout: positiveDuration('10m')
      .default('10m')
      .describe('How long untrustworthy telemetry is waited out before the run stops.'),
    watch: positiveDuration('5m').default('5m').describe('The window in which earlier waves are watched.'),
    minRequests: count(1, 100)
      .default(100)
      .describe("Server-side requests of the wave's new pods since the bake began, below which nothing is a pass."),
    errorRatio: ratio('1%')
      .default('1%')
      .describe(
        'The built-in limit on failed requests of a wave, as servers and as clients report them, and of each of its namespaces, unless it failed more before.',
      ),
    xdsRejects: count(0, 0).default(0).describe('Rejected configurations allowed since the wave began.'),
    injectionFailures: count(0, 0).default(0).describe('Failed sidecar injections allowed since the wave began.'),
    labels: z
      .strictObject({
        namespace: labelName('namespace').default('namespace').describe('The label with the namespace of the pod.'),
        pod: labelName('pod').default('pod').describe('The label with the name of the pod.'),
      })
      .prefault({})
      .describe('How the scrape configuration names its labels.'),
    checks: z.array(check).default([]).describe('Own limits, besides the built-in ones.'),
  })
  .describe('How waves are judged.');

const waiver = z.strictObject({
  workload: z
    .string()
    .regex(
      new RegExp(`^(?:${workloadKinds.join('|')}) [a-z0-9][a-z0-9-]*\\/[a-z0-9][a-z0-9.-]*$`),
      'is not KIND NAMESPACE/NAME',
    )
    .meta({ examples: ['StatefulSet baz/db'] })
    .describe('The workload that is not restarted, as findings name it: KIND NAMESPACE/NAME.'),
  reason: text('replaced by hand on Sunday').describe('Why; it stands in the plan, the report and the summary.'),
  until: day('2026-12-31').describe('The last day on which it holds, in UTC. After it stage 1 blocks.'),
});

const pace = z
  .strictObject({
    workloadsAtOnce: count(1, 20).default(20).describe('Workloads that may be rolling out at one time.'),
    rolloutTimeout: positiveDuration('15m').default('15m').describe('How long one rollout may take.'),
    roomTimeout: positiveDuration('3m')
      .default('3m')
      .describe('How long a new pod may wait for room on a node, such as an autoscaler has to add first.'),
  })
  .prefault({})
  .describe('How fast.');

const on = z
  .strictObject({
    failure: z.enum(['rollback', 'hold']).default('rollback').describe('After a failed verdict or a broken rollout.'),
    cancel: z.enum(['hold', 'rollback']).default('hold').describe('After an interruption.'),
    inconclusive: z.enum(['hold', 'rollback']).default('hold').describe('After a bake with too little evidence.'),
  })
  .prefault({})
  .describe('What to do when it does not go well.');

export const configSchema = z
  .strictObject({
    mesh,
    target,
    gateways: z
      .array(gateway)
      .default([])
      .describe('The injected gateways of stage 4, NAMESPACE/NAME. When empty: every one that is found.'),
    waves: z
      .array(wave)
      .min(1, 'has no wave')
      .meta({ examples: ['[{ name: canary, namespaces: [bar] }]'] })
      .describe('Which namespaces restart when. The first wave is the canary.'),
    gate,
    waivers: z
      .array(waiver)
      .default([])
      .describe(
        'Workloads that keep the old proxy for a while and hold up no wave. The old revision is not removed while their pods live.',
      ),
    pace,
    soak: positiveDuration('1m')
      .default('1m')
      .describe('Between the two readings that prove the old revision unused, before it is uninstalled.'),
    on,
  })
  .describe('How to upgrade Istio by revision canary.');

/** As written, before defaults. */
export type ConfigInput = z.input<typeof configSchema>;
/** With defaults, units still as written. */
export type ConfigShape = z.output<typeof configSchema>;
