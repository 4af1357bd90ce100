import * as z from 'zod';
import { dnsLabel, positiveDuration } from '../config/fields.ts';
import { nearest } from '../config/nearest.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { type VerbName, verbs } from '../verbs/index.ts';
import { InputsInvalid } from './input-errors.ts';

/** Every input of the Action: action.yml, the README's table and the types are compared with it. The runner gives texts; empty means left out. */

/**
 * An inventory is taken on a laptop, once: a job would only have to carry the file out. To rehearse it is a command of the
 * Action alone, of a bundle of its own: the simulator is no part of the tool.
 */
type Command = Exclude<VerbName, 'export'> | 'rehearse';
const commands = [...Object.keys(verbs).filter((name) => name !== 'export'), 'rehearse'] as readonly Command[];

const path = (example: string) => z.string().meta({ examples: [example] });
const yes = z.enum(['true', 'false']).meta({ examples: ['true'] });

export const inputsSchema = z.strictObject({
  command: z
    .enum(commands)
    .meta({ examples: ['upgrade'] })
    .describe('What to do: check, plan, upgrade, rollback, status, finalize, unlock or rehearse. Has no default.'),
  config: path('istio-upgrade.yaml')
    .optional()
    .describe(
      'The upgrade, a YAML file in the workspace. Default: istio-upgrade.yaml for check, plan and upgrade; none for the others, which then use tag and istio-namespace; rehearse makes a plan of its own then.',
    ),
  inventory: path('istio/staging/inventory.json')
    .optional()
    .describe(
      'For rehearse, and needed there: the mesh, as export wrote it down. It is upgraded on a simulator; no cluster is asked. Default: none.',
    ),
  through: z
    .string()
    .meta({ examples: ['canary'] })
    .optional()
    .describe('For upgrade: stop after this stage (1 to 8, or its name) or wave. Default: go to the end.'),
  plan: z
    .string()
    .regex(/^[0-9a-f]{12}$/, 'is no hash of a plan')
    .meta({ examples: ['e276f1a123ad'] })
    .optional()
    .describe('For upgrade: refuse any plan but the one with this hash, which plan and check print. Default: any.'),
  'dry-run': yes.optional().describe('For upgrade: show the plan, make every check and write nothing. Default: false.'),
  replan: yes
    .optional()
    .describe('For upgrade: go on although the plan differs from the one that it began with. Default: false.'),
  rejudge: yes.optional().describe('For upgrade: bake a wave again that has failed. Default: false.'),
  'remove-new': yes
    .optional()
    .describe('For rollback: uninstall the new istiod afterwards, once nothing uses it. Default: false.'),
  timeout: positiveDuration('50m')
    .optional()
    .describe(
      'For upgrade, rollback and finalize: start nothing more after this time, and say how things stand. Give this instead of timeout-minutes of the step, which would end the finalize step too. Default: none.',
    ),
  holder: z
    .string()
    .regex(/^[0-9a-z-]{1,63}$/, 'is no id of a run')
    .meta({ examples: ['4f1d0c1b'] })
    .optional()
    .describe('For unlock: the run that is known to be dead, as status and LOCK_HELD name it. Default: none.'),
  tag: dnsLabel('revision tag', 43, ['default', 'stable'])
    .optional()
    .describe('The revision tag, where no config names it. Default: default.'),
  'istio-namespace': dnsLabel('namespace', 63, ['istio-system'])
    .optional()
    .describe('Where istiod runs, where no config names it. Default: istio-system.'),
  kubeconfig: z
    .string()
    .refine(
      (value) => isKubeconfigText(value) || value.length <= 500,
      'is neither a path nor the text of a kubeconfig; decode it first if it is in base64',
    )
    .meta({ examples: ['.kube/config'] })
    .optional()
    .describe(
      'A kubeconfig: a path, or the text itself, from a secret. Default: KUBECONFIG, then ~/.kube/config, as an earlier log-in step leaves it.',
    ),
  context: z
    .string()
    .meta({ examples: ['production'] })
    .optional()
    .describe('The context of the kubeconfig. Default: the current one.'),
  istioctl: path('./istioctl')
    .optional()
    .describe(
      'The path of an istioctl of the target release. Default: target.istioctl of the config; else it is downloaded, verified and kept in the tool cache.',
    ),
  'istioctl-mirror': z
    .url({ protocol: /^https?$/, error: 'is no URL with http or https' })
    .meta({ examples: ['https://mirror.example.com/istio/releases/download'] })
    .optional()
    .describe(
      'Where VERSION/istioctl-VERSION-OS-ARCH.tar.gz and its .sha256 lie. Default: https://github.com/istio/istio/releases/download.',
    ),
  'istioctl-sha256': z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'is no SHA-256 sum')
    .meta({ examples: ['3f1d0c1b1c0e4b8f9a7d2f65a5f3c9c1e0b7a6d5c4f3e2d1c0b9a8f7e6d5c4b3'] })
    .optional()
    .describe("The sum that the downloaded archive must have. Default: the one that the mirror's .sha256 file names."),
  'prometheus-token': z
    .string()
    .meta({ examples: ['secrets.PROMETHEUS_TOKEN'] })
    .optional()
    .describe('A bearer token, as variable PROMETHEUS_TOKEN for gate.prometheus.bearerTokenEnv. Default: none.'),
  'prometheus-password': z
    .string()
    .meta({ examples: ['secrets.PROMETHEUS_PASSWORD'] })
    .optional()
    .describe('A password, as variable PROMETHEUS_PASSWORD for gate.prometheus.basicAuth.passwordEnv. Default: none.'),
  metrics: path('istio-upgrade.prom')
    .optional()
    .describe(
      'A file for the metrics of a run, as text for Prometheus: for a textfile collector, or to be pushed by a later step. Default: none.',
    ),
  'notify-url': z
    .url({ protocol: /^https?$/, error: 'is no URL with http or https' })
    .meta({ examples: ['secrets.NOTIFY_URL'] })
    .optional()
    .describe(
      'Where to post each beginning, verdict, problem and end of a run, as JSON with a text as Slack and its likes take it. Default: none.',
    ),
  'notify-token': z
    .string()
    .meta({ examples: ['secrets.SLACK_TOKEN'] })
    .optional()
    .describe(
      "With notify-url https://slack.com/api/chat.postMessage: a bot's token; a run is one thread then. Default: none.",
    ),
  'notify-channel': z
    .string()
    .meta({ examples: ['C0123456789'] })
    .optional()
    .describe('With notify-token: the channel. Default: none.'),
  offline: yes
    .optional()
    .describe(
      'For check: look at the config and its queries only, and at no cluster; for pull requests that get no credentials. Default: false.',
    ),
  'github-token': z
    .string()
    .meta({ examples: ['github.token'] })
    .optional()
    .describe(
      'For the comment (permission pull-requests: write) and the issue (issues: write). Without it neither is written. Default: none.',
    ),
  comment: yes
    .optional()
    .describe(
      'For check, rehearse, or an upgrade with dry-run, on a pull request and with github-token: keep one comment with plan and findings. Default: true.',
    ),
  deployment: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is no name of letters, digits, dots and dashes')
    .meta({ examples: ['staging'] })
    .optional()
    .describe(
      'With github-token (permission deployments: write): a name for the cluster, under which GitHub lists each stage that a run works at as a deployment (staging/move-tag). Default: none.',
    ),
  issue: yes
    .optional()
    .describe(
      'With github-token: keep one issue open as long as this command fails, for schedules that nobody watches. Default: false.',
    ),
});

export type Inputs = z.infer<typeof inputsSchema>;

/** Whether the input holds the kubeconfig itself, and not its path. */
export function isKubeconfigText(value: string): boolean {
  return value.includes('\n') || value.trimStart().startsWith('{');
}

/** The config that a command reads; `undefined` for those that need none and were given none. */
export function configFile({ command, config }: Inputs): string | undefined {
  return config ?? (command !== 'rehearse' && verbs[command].needsConfig ? 'istio-upgrade.yaml' : undefined);
}

/** What is wrong with one input. */
export interface InputComplaint {
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
  throw InputsInvalid.of([nothingFrom('it is no map')]);
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
  // A value may be a secret, and is then shown by nobody.
  const shown = isSecret(input) ? '' : `${JSON.stringify(value)} `;
  if (issue.code !== 'invalid_value')
    return [{ input, message: `${shown}${issue.message}`, instead: `write for example ${example(input)}` }];
  const choices = issue.values.map(String);
  const meant = nearest(String(value), choices);
  return [
    { input, message: `${shown}is none of ${choices.join(', ')}`, instead: `write ${meant ?? choices.join(' or ')}` },
  ];
}

function unknownInput(input: string): InputComplaint {
  const meant = nearest(input, Object.keys(inputsSchema.shape));
  return { input, message: 'is no input of this Action', instead: meant ? `did you mean ${meant}?` : 'remove it' };
}

/** To act where a rehearsal was asked for would be the worst of surprises. */
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
    return [{ input: 'offline', message: `cannot be had with command ${command}`, instead: 'use command check' }];
  const writesNothing = ['upgrade', 'check', 'plan', 'status', 'rehearse'].includes(String(command));
  if (dryRun !== 'true' || writesNothing || !commands.includes(command as Inputs['command'])) return [];
  return [{ input: 'dry-run', message: `cannot be had with command ${command}`, instead: 'use command status' }];
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
