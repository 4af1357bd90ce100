import * as z from 'zod';
import { strategies } from '../model/plan.ts';
import { workloadKinds } from '../model/workload-kind.ts';
import { count, day, dnsLabel, duration, limit, portion, positiveDuration, ratio, text } from './fields.ts';

/** What a user may write, with the defaults and the documentation of every field; the JSON Schema is made from it. */

/** As one text, which is split into words, or word by word. */
const commandLine = (example: string) =>
  z.union([text(example), z.array(text('helmfile')).min(1, 'has no word')]).meta({ examples: [example] });

const command = z
  .strictObject({
    install: commandLine('helmfile -l rev={revision} apply').describe(
      'The command that installs the istiod of a revision beside the others, without a revision tag. It must be safe to repeat: a run that was killed in it starts it again.',
    ),
    remove: commandLine('helmfile -l rev={revision} destroy').describe(
      'The command that removes the istiod of a revision and nothing else. It must be safe to repeat.',
    ),
    timeout: positiveDuration('15m').default('15m').describe('How long one call may take.'),
  })
  .describe(
    'Your own commands, started in the folder of this file without a shell. {revision}, {version} and {tag} in a word are replaced. A text is split at spaces, and text between two quotes is one word. An exit code other than 0 stops the run; what was done is read from the cluster.',
  );

export const helmSchema = z
  .strictObject({
    charts: z
      .union([
        text('oci://registry.example.com/charts'),
        z.strictObject({
          base: text('./charts/base').describe('The chart base, which has the CRDs.'),
          istiod: text('./charts/istiod').describe('The chart istiod.'),
        }),
      ])
      .default('https://istio-release.storage.googleapis.com/charts')
      .meta({ examples: ['oci://registry.example.com/charts'] })
      .describe(
        "Where Istio's charts base and istiod are: the URL of a repository, an address oci://..., the name of a repository that helm knows, or a folder that begins with ./ or / (relative to this file). Or both charts, each as helm takes it. The version of the charts is target.version; of a folder it is what the folder has.",
      ),
    binary: text('helm')
      .default('helm')
      .describe('helm 3.14 or newer: a name on the PATH, or a path relative to this file.'),
    timeout: positiveDuration('5m').default('5m').describe('How long one call of helm may take.'),
  })
  .describe('How Helm installs: each istiod as a separate release, and first the chart base if its CRDs are older.');

const mesh = z
  .strictObject({
    // The Service `istiod-revision-tag-TAG` must fit into 63 characters.
    tag: dnsLabel('revision tag', 43, ['default', 'stable'])
      .default('default')
      .describe('The revision tag that the upgrade moves; namespaces refer to it in their label istio.io/rev.'),
    namespace: dnsLabel('namespace', 63, ['istio-system'])
      .default('istio-system')
      .describe('The namespace in which istiod runs.'),
    cluster: text('production')
      .optional()
      .describe(
        'The cluster that this config is for: the name of its context or cluster in the kubeconfig, the URL or host of its API server, or the UID of its namespace kube-system. With any other cluster every command stops before it changes anything. Default: any cluster.',
      ),
    tagOwner: z
      .enum(['delegated', 'paused'])
      .optional()
      .describe(
        'If a GitOps controller or an operator owns the objects of the tag: it leaves the changes of this tool alone (delegated), or it is suspended until the upgrade is over (paused). Without this field such an owner blocks, unless marks on the objects show the same.',
      ),
    namespaceOwner: z
      .enum(['delegated', 'paused'])
      .optional()
      .describe(
        "With strategy canary-first, if a GitOps controller or an operator owns the canary's namespaces: it leaves their labels istio.io/rev and istio-injection alone (delegated), or it is suspended until the upgrade is over (paused). Without this field such an owner blocks, unless marks on the namespaces show the same.",
      ),
    installer: z
      .union([
        z.enum(['istioctl', 'helm', 'external']),
        z.strictObject({ command }),
        z.strictObject({ helm: helmSchema }),
      ])
      .optional()
      .meta({ examples: ['istioctl'] })
      .describe(
        'What installs the new istiod and removes the old one: istioctl, helm, your own commands, or another tool or a person, for whom the run waits (external). Default, by the marks on the old istiod: helm where a Helm release owns it, external where Argo CD, Flux or an operator does, else istioctl. istioctl moves the tag in each case.',
      ),
  })
  .prefault({})
  .describe('The mesh to upgrade.');

const target = z
  .strictObject({
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+(?:-[0-9a-z]+(?:[.-][0-9a-z]+)*)?$/, 'is not a full Istio version')
      .meta({ examples: ['1.31.0'] })
      .describe('The Istio version to upgrade to; with target.allowDowngrade it may be older than the one that runs.'),
    // The Service `istiod-REVISION` must fit into 63 characters.
    revision: dnsLabel('revision', 56, ['1-31-0'])
      .optional()
      .describe('The name of the new revision. Default: the version with dashes instead of dots.'),
    istioctl: text('istioctl')
      .default('istioctl')
      .describe(
        'istioctl of the target version: a name on the PATH, or a path relative to this file. It is used for the upgrade and for the rollback.',
      ),
    carryOver: z
      .boolean()
      .default(true)
      .describe(
        'Whether the new istiod is given the values that the old one was installed with (ConfigMap values-REVISION). `values` and `set` win against them.',
      ),
    values: z
      .union([text('mesh-values.yaml'), z.array(text('mesh-values.yaml'))])
      .default([])
      .describe(
        'A file, or a list of files, with values of the charts or with an IstioOperator, which only istioctl takes; paths are relative to this file. Later files win.',
      ),
    accept: z
      .array(text('meshConfig.accessLogFile'))
      .default([])
      .describe(
        'Settings of the old istiod that the new one may lack or have otherwise, by path. A path stands for all below it.',
      ),
    set: z
      .array(
        z
          .string()
          .regex(/^[^=\s]+=/, 'is not a pair PATH=VALUE')
          .meta({ examples: ['meshConfig.accessLogFile=/dev/stdout'] }),
      )
      .default([])
      .describe('Pairs PATH=VALUE for `--set` of istioctl or helm; they win against `values`.'),
    allowDowngrade: z
      .boolean()
      .default(false)
      .describe(
        'Allow a target.version that is older than the release that runs: an older patch of the same minor, or at most one minor back. `upgrade` then goes there by the same eight stages. Without it stage 1 refuses an older target.',
      ),
  })
  .describe('The release to upgrade to.');

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
    'The name of the wave on the command line and in reports. It must not be a number or the name of a stage.',
  ),
  namespaces: z
    .union([z.literal('*'), z.array(namespacePattern).min(1, 'names no namespace')])
    .optional()
    .meta({ examples: ['[bar, "team-*"]'] })
    .describe(
      'Names and patterns of namespaces. Or "*" for all namespaces that no other wave names or selects; allowed in the last wave only. Each wave has either this or selector.',
    ),
  selector: text('tier in (dev, test)')
    .optional()
    .describe(
      'A label selector as kubectl takes it: the namespaces with these labels. A namespace that an earlier wave has, or that another wave names, is not selected.',
    ),
  except: z
    .array(namespacePattern)
    .default([])
    .describe(
      'Names and patterns of namespaces that this wave leaves out. A later wave may take them; without one they are not upgraded, and a warning says so.',
    ),
  atOnce: portion('25%')
    .default('100%')
    .describe('How many of the namespaces restart and are judged together: a percentage, or a number of namespaces.'),
});

const basicAuth = z
  .strictObject({
    username: text('prometheus').describe('The user name.'),
    passwordEnv: text('PROMETHEUS_PASSWORD').optional().describe('The environment variable with the password.'),
    passwordFile: text('prometheus-password').optional().describe('The file with the password.'),
  })
  .describe('HTTP basic authentication.');

const sigv4 = z
  .strictObject({
    region: z
      .string()
      .regex(/^[a-z]{2,}(-[a-z0-9]+)+$/, 'is not a region of AWS')
      .meta({ examples: ['eu-central-1'] })
      .describe('The region of the workspace.'),
    service: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'is not the name of a service of AWS')
      .default('aps')
      .meta({ examples: ['aps'] })
      .describe('The service whose signing name is used.'),
  })
  .describe(
    'Sign requests with AWS Signature Version 4, for Amazon Managed Prometheus. The credentials are those of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or of the file AWS_SHARED_CREDENTIALS_FILE.',
  );

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
      sigv4: sigv4.optional(),
      headers: z
        .record(z.string(), z.string())
        .default({})
        .describe(`Additional HTTP headers. A value may contain environment variables, for example "\${TENANT}".`),
      caFile: text('ca.pem').optional().describe('A file with the CA certificates to trust, PEM.'),
      certFile: text('client.pem').optional().describe('A file with the client certificate, PEM.'),
      keyFile: text('client-key.pem').optional().describe('A file with the key of the client certificate, PEM.'),
      insecureSkipVerify: z
        .boolean()
        .default(false)
        .describe('Do not verify the certificate of the server. Only for tests.'),
      timeout: positiveDuration('15s').default(QUERY_TIMEOUT).describe('The time limit of one query.'),
      match: z
        .record(z.string(), z.string())
        .default({})
        .meta({ examples: [{ cluster: 'prod-1' }] })
        .describe(
          `Labels and values that select this cluster's series in a Prometheus of many clusters, for example { cluster: prod-1 }. They are added to every built-in query, and to your own where these say \${match}. An empty value selects series without the label.`,
        ),
    }),
  ])
  .meta({ examples: ['http://prometheus.monitoring:9090'] })
  .describe(
    'The address of Prometheus: a URL (http, https or kubernetes://NAMESPACE/SERVICE:PORT), or a map with a URL and credentials.',
  );

const labelName = (example: string) =>
  z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not the name of a Prometheus label')
    .meta({ examples: [example] });

const check = z.strictObject({
  name: text('checkout errors').describe('The name of the check in reports.'),
  query: text(`sum(rate(http_errors{namespace=~"\${namespaces}"}[2m]))`).describe(
    `PromQL for an instant query. It may use \${namespaces} (a regular expression for the wave's namespaces), \${wave}, \${revision}, \${from}, \${window}, and between braces \${match} (the matchers of gate.prometheus.match).`,
  ),
  max: limit('0.5%').optional().describe('The check fails if a series of the answer is above this.'),
  min: limit('99%').optional().describe('The check fails if a series of the answer is below this.'),
  empty: z
    .enum(['hold', 'zero'])
    .default('hold')
    .describe('What an empty answer means: the telemetry cannot be trusted (hold), or the value is zero (zero).'),
});

const gate = z
  .strictObject({
    prometheus,
    mode: z
      .enum(['enforce', 'observe'])
      .default('enforce')
      .describe(
        'Whether the gate decides (enforce), or judges and tells only (observe): then no verdict stops the upgrade or rolls it back, and each wave goes on after its bake.',
      ),
    interval: positiveDuration('15s')
      .default('15s')
      .describe('The time between two evaluations; set it to the scrape interval of Prometheus.'),
    settle: duration('30s').default('30s').describe('Samples younger than this are not judged yet.'),
    bake: positiveDuration('10m')
      .default('10m')
      .describe('How long a wave is judged, counted from the moment when its last pod is ready.'),
    maxBake: positiveDuration('30m')
      .optional()
      .describe(
        'The longest bake. If there is too little evidence then, the verdict is inconclusive. Default: three times the bake.',
      ),
    telemetryTimeout: positiveDuration('10m')
      .optional()
      .describe('How long the run waits while telemetry cannot be trusted, before it stops. Default: pace.patience.'),
    watch: positiveDuration('5m')
      .default('5m')
      .describe('The sliding window in which a wave is judged besides, and in which earlier waves are still judged.'),
    minRequests: count(1, 300)
      .optional()
      .describe(
        'The least number of server-side requests of the new pods of a wave since its bake began. With fewer requests the verdict is never pass. Default: 3 / errorRatio, which is what it takes to exclude that this share fails.',
      ),
    errorRatio: ratio('1%')
      .default('1%')
      .describe(
        'A share of failed requests. Where Prometheus has hours of history, what is usual there is the yardstick, and this is the least that fails in the first minute and what a pass allows beyond the limit. Without history it is taken as usual.',
      ),
    xdsRejects: count(0, 0).default(0).describe('How many configurations the proxies may reject since the wave began.'),
    injectionFailures: count(0, 0).default(0).describe('How many sidecar injections may fail since the wave began.'),
    labels: z
      .strictObject({
        namespace: labelName('namespace').default('namespace').describe('The label that holds the namespace of a pod.'),
        pod: labelName('pod').default('pod').describe('The label that holds the name of a pod.'),
      })
      .prefault({})
      .describe('The names of labels in your scrape configuration.'),
    checks: z.array(check).default([]).describe('Your own checks, in addition to the built-in ones.'),
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
    .describe('The workload that is not restarted: KIND NAMESPACE/NAME, as in findings.'),
  reason: text('replaced by hand on Sunday').describe(
    'The reason; it is shown in the plan, the report and the summary.',
  ),
  until: day('2026-12-31').describe(
    'The last day on which the waiver is valid, in UTC. After this day stage 1 blocks.',
  ),
});

const ignoredFinding = z.strictObject({
  code: z
    .string()
    .regex(/^IST\d{4}$/, 'is not a code of istioctl such as IST0101')
    .meta({ examples: ['IST0101'] })
    .describe('The code of istioctl.'),
  object: text('VirtualService team-a/*')
    .optional()
    .describe('The objects that are meant, as the finding names them; * stands for any characters. Default: all.'),
  reason: text('known to team A, harmless').describe('The reason; it is shown with the finding.'),
  until: day('2026-12-31').describe('The last day on which the finding is ignored, in UTC.'),
});

const pace = z
  .strictObject({
    workloadsAtOnce: count(1, 20).default(20).describe('How many workloads may roll out at the same time.'),
    rolloutTimeout: positiveDuration('15m')
      .default('15m')
      .describe('How long one rollout may make no progress before it counts as stuck.'),
    patience: positiveDuration('15m')
      .default('15m')
      .describe(
        'How long the run waits for an API server, a Prometheus or a webhook that does not answer, and for a stage in which nothing moves.',
      ),
    roomTimeout: positiveDuration('3m')
      .default('3m')
      .describe('How long a new pod may wait for room on a node, for example until an autoscaler adds a node.'),
    externalTimeout: positiveDuration('10m')
      .default('10m')
      .describe(
        'How long the run waits for an istiod that another tool or a person installs or removes, before it ends with "waiting" (exit code 8). The next run resumes.',
      ),
  })
  .prefault({})
  .describe('How fast workloads are restarted.');

const on = z
  .strictObject({
    failure: z
      .enum(['rollback', 'hold'])
      .default('rollback')
      .describe('After a verdict of fail, or a rollout that cannot finish.'),
    cancel: z.enum(['hold', 'rollback']).default('hold').describe('After a run was cancelled.'),
    inconclusive: z.enum(['hold', 'rollback']).default('hold').describe('After a verdict of inconclusive.'),
    broken: z
      .strictObject({
        workloads: count(0, 3).default(3).describe('A number of workloads of the wave.'),
        share: ratio('5%').default('5%').describe('A share of the workloads of the wave.'),
      })
      .prefault({})
      .describe(
        'How many workloads of a wave may fail since their restart, without a known cause, before the release is to blame: the number or the share, whichever is more, and never all of the wave. Until then they are set aside and named.',
      ),
  })
  .prefault({})
  .describe('What to do after a failure: hold or roll back.');

export const configSchema = z
  .strictObject({
    mesh,
    target,
    strategy: z
      .enum(strategies)
      .default('tag-first')
      .describe(
        'What comes first. tag-first: the tag moves, then the canary restarts and is judged; meanwhile any pod of the tag that is created for another reason gets the new proxy. canary-first: the namespaces of the canary are given the new revision by their label istio.io/rev, the canary restarts and is judged, and only then the tag moves; the labels are put back at the end.',
      ),
    gateways: z
      .array(gateway)
      .default([])
      .describe('The injected gateways that stage 4 restarts, NAMESPACE/NAME. If empty: every gateway that is found.'),
    waves: z
      .array(wave)
      .min(1, 'has no wave')
      .meta({ examples: ['[{ name: canary, namespaces: [bar] }]'] })
      .describe('The waves, in order: which namespaces restart together. The first wave is the canary.'),
    gate,
    waivers: z
      .array(waiver)
      .default([])
      .describe(
        'Workloads that keep the old proxy until a date and delay no wave. The old revision is not removed while their pods exist.',
      ),
    ignoreFindings: z
      .array(ignoredFinding)
      .default([])
      .describe(
        'Findings of `istioctl analyze` and `x precheck` that do not stop an upgrade until a date; they are listed as notes. Errors in namespaces that are not in the plan do not stop it anyway.',
      ),
    pace,
    soak: positiveDuration('1m')
      .default('1m')
      .describe('The time between the two proofs that nothing uses the old revision, before it is uninstalled.'),
    on,
  })
  .describe('How to upgrade Istio by revision canary.');

export type HelmShape = z.output<typeof helmSchema>;
/** As written, before defaults. */
export type ConfigInput = z.input<typeof configSchema>;
/** With defaults, units still as written. */
export type ConfigShape = z.output<typeof configSchema>;
