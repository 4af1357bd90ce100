import * as z from 'zod';
import { dnsLabel, positiveDuration } from '../config/fields.ts';
import { nearest } from '../config/nearest.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { type VerbName, verbs } from '../verbs/index.ts';
import { InputsInvalid } from './input-errors.ts';

/** Every input of the Action: action.yml, the table in docs/action.md and the types are compared with it. The runner gives texts; empty means left out. */

/** `export` and `init` are left out, because a job could not keep the file. `rehearse` exists in the Action only, in a separate bundle. */
type Command = Exclude<VerbName, 'export' | 'init'> | 'rehearse';
const commands = [
  ...Object.keys(verbs).filter((name) => name !== 'export' && name !== 'init'),
  'rehearse',
] as readonly Command[];

const path = (example: string) => z.string().meta({ examples: [example] });
const yes = z.enum(['true', 'false']).meta({ examples: ['true'] });

export const inputsSchema = z.strictObject({
  command: z
    .enum(commands)
    .meta({ examples: ['upgrade'] })
    .describe(
      'What to do: check, plan, upgrade, rollback, status, pause, resume, abort, finalize, unlock or rehearse. Has no default.',
    ),
  config: path('istio-upgrade.yaml')
    .optional()
    .describe(
      'The config of the upgrade, a YAML file in the workspace. Default: istio-upgrade.yaml for check, plan and upgrade. The other commands need none: they use tag and istio-namespace then, also if the config is missing or has a mistake, and rehearse makes its own plan.',
    ),
  inventory: path('istio/staging/inventory.json')
    .optional()
    .describe(
      'For rehearse, where it is required: the inventory of the mesh that export wrote. The mesh is upgraded on a simulator; no cluster is contacted. Default: none.',
    ),
  through: z
    .string()
    .meta({ examples: ['canary'] })
    .optional()
    .describe('For upgrade: stop after this stage (1 to 8, or its name) or wave. Default: run to the end.'),
  plan: z
    .string()
    .regex(/^[0-9a-f]{12}$/, 'is not the hash of a plan')
    .meta({ examples: ['e276f1a123ad'] })
    .optional()
    .describe(
      'For upgrade: refuse to run if the plan has another hash than this one; plan and check print the hash. Default: any plan.',
    ),
  'dry-run': yes.optional().describe('For upgrade: show the plan, run every check and write nothing. Default: false.'),
  replan: yes
    .optional()
    .describe(
      'For upgrade: resume although the plan differs from the one that the upgrade started with. Default: false.',
    ),
  rejudge: yes.optional().describe('For upgrade: bake and judge a failed wave again. Default: false.'),
  'remove-new': yes
    .optional()
    .describe('For rollback: uninstall the new istiod afterwards, when nothing uses it. Default: false.'),
  timeout: positiveDuration('50m')
    .optional()
    .describe(
      'For upgrade, rollback and finalize: start no new effect after this time, and report the state. Set this instead of timeout-minutes of the step, which would also end the finalize step. Default: none.',
    ),
  holder: z
    .string()
    .regex(/^[0-9a-z-]{1,63}$/, 'is not the id of a run')
    .meta({ examples: ['4f1d0c1b'] })
    .optional()
    .describe('For unlock: the id of the run that is known to be dead; status and LOCK_HELD print it. Default: none.'),
  tag: dnsLabel('revision tag', 43, ['default', 'stable'])
    .optional()
    .describe(
      'The revision tag, if no config names it. Default: default; if the config cannot be used, the tag of the only journal in the cluster.',
    ),
  'istio-namespace': dnsLabel('namespace', 63, ['istio-system'])
    .optional()
    .describe(
      'The namespace of istiod, if no config names it. Default: istio-system; if the config cannot be used, the namespace of the only journal in the cluster.',
    ),
  kubeconfig: z
    .string()
    .refine(
      (value) => isKubeconfigText(value) || value.length <= 500,
      'is neither a path nor the text of a kubeconfig; decode it first if it is in base64',
    )
    .meta({ examples: ['.kube/config'] })
    .optional()
    .describe(
      'A kubeconfig: its path, or its content, for example from a secret. Default: the file in KUBECONFIG, then ~/.kube/config, which an earlier log-in step may have written.',
    ),
  context: z
    .string()
    .meta({ examples: ['production'] })
    .optional()
    .describe('The context of the kubeconfig. Default: the current context.'),
  istioctl: path('./istioctl')
    .optional()
    .describe(
      'The path of istioctl of the target release. Default: target.istioctl of the config; without it, istioctl is downloaded, verified and kept in the tool cache.',
    ),
  'istioctl-mirror': z
    .url({ protocol: /^https?$/, error: 'is not a URL with http or https' })
    .meta({ examples: ['https://mirror.example.com/istio/releases/download'] })
    .optional()
    .describe(
      'The URL below which VERSION/istioctl-VERSION-OS-ARCH.tar.gz and its .sha256 are found. Default: https://github.com/istio/istio/releases/download.',
    ),
  'istioctl-sha256': z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'is not a SHA-256 sum')
    .meta({ examples: ['3f1d0c1b1c0e4b8f9a7d2f65a5f3c9c1e0b7a6d5c4f3e2d1c0b9a8f7e6d5c4b3'] })
    .optional()
    .describe('The SHA-256 that the downloaded archive must have. Default: the one in the .sha256 file of the mirror.'),
  'prometheus-token': z
    .string()
    .meta({ examples: ['secrets.PROMETHEUS_TOKEN'] })
    .optional()
    .describe(
      'A bearer token, passed on as the variable PROMETHEUS_TOKEN for gate.prometheus.bearerTokenEnv. Default: none.',
    ),
  'prometheus-password': z
    .string()
    .meta({ examples: ['secrets.PROMETHEUS_PASSWORD'] })
    .optional()
    .describe(
      'A password, passed on as the variable PROMETHEUS_PASSWORD for gate.prometheus.basicAuth.passwordEnv. Default: none.',
    ),
  metrics: path('istio-upgrade.prom')
    .optional()
    .describe(
      'The file to write the metrics of the run to, in the text format of Prometheus: for a textfile collector, or for a later step that pushes it. Default: none.',
    ),
  'notify-url': z
    .url({ protocol: /^https?$/, error: 'is not a URL with http or https' })
    .meta({ examples: ['secrets.NOTIFY_URL'] })
    .optional()
    .describe(
      'The URL to post the start, each verdict, each problem and the end of a run to, as JSON with a field text, as incoming webhooks of Slack and similar services expect. Default: none.',
    ),
  'notify-token': z
    .string()
    .meta({ examples: ['secrets.SLACK_TOKEN'] })
    .optional()
    .describe(
      'With notify-url https://slack.com/api/chat.postMessage: the token of a bot. Each run is one thread then. Default: none.',
    ),
  'notify-channel': z
    .string()
    .meta({ examples: ['C0123456789'] })
    .optional()
    .describe('With notify-token: the id of the channel. Default: none.'),
  offline: yes
    .optional()
    .describe(
      'For check: check only the config and its queries, and contact no cluster; for pull requests without credentials. Default: false.',
    ),
  'github-token': z
    .string()
    .meta({ examples: ['github.token'] })
    .optional()
    .describe(
      'The token for the comment (permission pull-requests: write), the issue (issues: write) and deployments (deployments: write). Without it none of them is written. Default: none.',
    ),
  comment: yes
    .optional()
    .describe(
      'For check, rehearse, or an upgrade with dry-run, on a pull request and with github-token: keep one comment with the plan and the findings up to date. Default: true.',
    ),
  deployment: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must consist of letters, digits, dots and dashes')
    .meta({ examples: ['staging'] })
    .optional()
    .describe(
      'With github-token (permission deployments: write): a name for the cluster. GitHub lists each stage of a run as a deployment with this name, for example staging/move-tag. Default: none.',
    ),
  issue: yes
    .optional()
    .describe(
      'With github-token: keep one issue open while this command fails, for scheduled runs that are not watched. Default: false.',
    ),
});

export type Inputs = z.infer<typeof inputsSchema>;

/** Whether the input holds the kubeconfig itself, and not its path. */
export function isKubeconfigText(value: string): boolean {
  return value.includes('\n') || value.trimStart().startsWith('{');
}

/** The config that a command reads; `undefined` for those that need none and were given none. */
export function configFile(inputs: Inputs): string | undefined {
  return inputs.config ?? (needsConfig(inputs) ? 'istio-upgrade.yaml' : undefined);
}

export const needsConfig = ({ command }: Inputs): boolean => command !== 'rehearse' && verbs[command].needsConfig;

/** What is wrong with one input. */
interface InputComplaint {
  input: string;
  message: string;
  instead: string;
}

/**
 * @param text `toJSON(inputs)`
 * @throws INPUTS_INVALID with every complaint
 */
export function readInputs(text: string | undefined): Inputs {
  const given = Object.fromEntries(Object.entries(parse(text)).filter(([, value]) => value !== ''));
  const parsed = inputsSchema.safeParse(given);
  const complaints = [...(parsed.error?.issues ?? []).flatMap((issue) => complaintsOf(issue, given)), ...misuse(given)];
  if (complaints.length > 0 || !parsed.success) throw InputsInvalid.of(complaints);
  return parsed.data;
}

function parse(text: string | undefined): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch (failure) {
    throw InputsInvalid.because(failure, [nothingFrom(messageOf(failure))]);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw InputsInvalid.of([nothingFrom('it is not a map')]);
}

const nothingFrom = (why: string): InputComplaint => ({
  input: '',
  message: `the inputs did not arrive as JSON: ${why}`,
  instead: 'run this through action.yml',
});

type Issue = z.core.$ZodIssue;

function complaintsOf(issue: Issue, given: Record<string, unknown>): InputComplaint[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownInput);
  const input = String(issue.path[0] ?? '');
  const value = given[input];
  if (value === undefined) return [{ input, message: 'is missing', instead: `write for example ${example(input)}` }];
  // A value that may be a secret is never shown.
  const shown = isSecret(input) ? '' : `${JSON.stringify(value)} `;
  if (issue.code !== 'invalid_value')
    return [{ input, message: `${shown}${issue.message}`, instead: `write for example ${example(input)}` }];
  const choices = issue.values.map(String);
  const meant = nearest(String(value), choices);
  return [
    {
      input,
      message: `${shown}must be one of ${choices.join(', ')}`,
      instead: `write ${meant ?? choices.join(' or ')}`,
    },
  ];
}

function unknownInput(input: string): InputComplaint {
  const meant = nearest(input, Object.keys(inputsSchema.shape));
  return { input, message: 'is not an input of this Action', instead: meant ? `did you mean ${meant}?` : 'remove it' };
}

/** Inputs that contradict each other are refused: a run must not write if the caller asked for a dry run. */
function misuse({
  command,
  'dry-run': dryRun,
  offline,
  inventory,
  ...rest
}: Record<string, unknown>): InputComplaint[] {
  if (command === 'rehearse' && inventory === undefined)
    return [{ input: 'inventory', message: 'is missing', instead: `write for example ${example('inventory')}` }];
  if (rest['deployment'] !== undefined && rest['github-token'] === undefined)
    return [{ input: 'deployment', message: 'needs github-token', instead: 'give both, or neither' }];
  const [token, channel] = [rest['notify-token'], rest['notify-channel']];
  if ((token === undefined) !== (channel === undefined))
    return [{ input: 'notify-token', message: 'and notify-channel go together', instead: 'give both, or neither' }];
  if (offline === 'true' && command !== 'check' && commands.includes(command as Inputs['command']))
    return [{ input: 'offline', message: `cannot be combined with command ${command}`, instead: 'use command check' }];
  const writesNothing = ['upgrade', 'check', 'plan', 'status', 'rehearse'].includes(String(command));
  if (dryRun !== 'true' || writesNothing || !commands.includes(command as Inputs['command'])) return [];
  return [{ input: 'dry-run', message: `cannot be combined with command ${command}`, instead: 'use command status' }];
}

const isSecret = (input: string): boolean =>
  input === 'kubeconfig' ||
  input === 'github-token' ||
  input === 'notify-url' ||
  input === 'notify-token' ||
  input.startsWith('prometheus-');

/** As it would stand below `with:`. */
function example(input: string): string {
  const field = inputsSchema.shape[input as keyof Inputs];
  const [first] = (field === undefined ? undefined : examplesOf(field)) ?? [];
  return `${input}: ${first ?? '...'}`;
}

/** @returns the examples of a field, also through `optional` */
export function examplesOf(field: z.ZodType): string[] {
  const inner = field instanceof z.ZodOptional ? (field.unwrap() as z.ZodType) : field;
  return (inner.meta()?.['examples'] as string[] | undefined) ?? [];
}
