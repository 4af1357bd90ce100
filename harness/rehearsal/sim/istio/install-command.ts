import { parse, stringify } from 'yaml';
import { merged, type Values } from '../../../../src/model/values.ts';
import { Deployments, MutatingWebhooks, Pods } from '../../../../src/ports/kinds.ts';
import type { Pod, WebhookConfiguration, WorkloadObject } from '../../../../src/ports/objects.ts';
import { keyOf } from '../api-server/store.ts';
import { applyManifest, withTypes } from './apply.ts';
import { coreManifest, istiodManifest } from './control-plane-manifest.ts';
import { ingressGatewayManifest } from './gateway-manifest.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import { type Command, failed, type IstioctlContext, type Output, takes } from './istioctl-command.ts';
import { versionOf } from './istiods.ts';
import { isNeverPruned, isOwnedBy, type Manifested } from './manifest.ts';
import { IstioNamespace, injectorName, RevisionLabel, TagLabel, tagWebhookName } from './names.ts';
import { ownedObjects, removedLine } from './prune.ts';
import { deactivateUnrevisioned, validatorPolicy } from './tag-commands.ts';
import { tagManifest } from './tag-manifest.ts';
import { overlapLines } from './webhook-overlaps.ts';

const Manager = 'istio-operator';
const PollMs = 200;
const Ship = `        |\\          \n        | \\         \n        |  \\        \n        |   \\       \n      /||    \\      \n     / ||     \\     \n    /  ||      \\    \n   /   ||       \\   \n  /    ||        \\  \n /     ||         \\ \n/______||__________\\\n____________________\n  \\__       _____/  \n     \\_____/        \n\n`;
const IsRevision = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const Profiles: ReadonlySet<string> = new Set(['default', 'minimal']);

const afterShip = (message: string): Output => ({ exitCode: 1, stdout: '', stderr: `${Ship}Error: ${message}\n` });

interface Wanted {
  revision: string;
  profile: string;
  /** Whether it writes the CRDs and the reader account, which all revisions share. */
  hasCore: boolean;
  /** `values.global.operatorManageWebhooks`: then it makes no tag `default`. */
  managesWebhooks: boolean;
  manifest: readonly Manifested[];
}

/** `manifest generate`: what an install would apply. */
export const manifestGenerate: Command = async (context, args) => {
  await takes(context, 150);
  const wanted = read(context, args);
  if ('exitCode' in wanted) return wanted;
  return {
    exitCode: 0,
    stdout: wanted.manifest.map((entry) => `${stringify(withTypes(entry))}---\n`).join(''),
    stderr: '',
  };
};

/** `install`: applies, waits, prunes what the revision has and the manifest has not, and takes the default tag if no revision has it. */
export const install: Command = async (context, args) => {
  await takes(context, 300);
  const wanted = read(context, args);
  if ('exitCode' in wanted) return wanted;
  const isDryRun = args.has('--dry-run');
  const greeting = `${Ship}${versionWarning(context, wanted.revision)}`;
  if (!isDryRun && !args.has('--skip-confirmation')) {
    const question = `This will install the Istio ${context.version} profile "${wanted.profile}" into the cluster. Proceed? (y/N) `;
    return { exitCode: 1, stdout: question, stderr: `${greeting}Cancelled.\n` };
  }
  const conflicts = conflictsOf(context, wanted);
  if (conflicts !== '') {
    const text = `creating default tag would conflict:\n${conflicts.trimEnd()}`;
    return { exitCode: 1, stdout: '', stderr: `${greeting}Error: failed to install manifests: ${text}\n` };
  }
  const components = componentsOf(wanted);
  const done = `${greeting}\n${components.map(installed).join('')}`;
  if (isDryRun) return { exitCode: 0, stdout: '', stderr: `${done}✔ Installation complete` };

  ensureNamespace(context);
  const shift = shiftsDefault(context, wanted.revision);
  applyManifest(context.registry, wanted.manifest, Manager);
  const timeout = args.value('--readiness-timeout') ?? '5m0s';
  const stuck = await waitForDeployments(context, deploymentsOf(wanted.manifest), parseDuration(timeout));
  if (stuck !== undefined) {
    const reason = `failed to wait for resource: resources not ready after ${timeout}: context deadline exceeded${stuck}`;
    const core = components
      .slice(0, wanted.hasCore ? 1 : 0)
      .map(installed)
      .join('');
    return {
      exitCode: 1,
      stdout: shift,
      stderr: `${greeting}\n${core}- Processing resources for Istiod.\n✘ Istiod encountered an error: ${reason}Error: failed to install manifests: ${reason}\n`,
    };
  }
  // Long enough for istiod to have patched its certificate in, which the tag copies.
  await takes(context, 700);
  const pruned = prune(context, wanted);
  if (!wanted.managesWebhooks) takeDefaultTag(context, wanted.revision);
  return {
    exitCode: 0,
    stdout: shift + pruned.join(''),
    stderr: `${done}- Pruning removed resources\n✔ Installation complete`,
  };
};

/** By what users call them, with what istioctl draws behind each. */
const componentsOf = ({ profile, hasCore }: Wanted): [name: string, picture: string][] => [
  ...(hasCore ? [['Istio core', '⛵️'] as [string, string]] : []),
  ['Istiod', '🧠'],
  ...(profile === 'default' ? [['Ingress gateways', '🛬'] as [string, string]] : []),
];

const installed = ([name, picture]: [string, string]) =>
  `- Processing resources for ${name}.\n✔ ${name} installed ${picture}\n`;

const deploymentsOf = (manifest: readonly Manifested[]) =>
  manifest.filter(({ kind }) => kind.plural === Deployments.plural);

/** An istiod of the same revision and another version will be replaced in place. */
function versionWarning({ istiods, version }: IstioctlContext, revision: string): string {
  const [running] = istiods.running(revision);
  const there = running && versionOf(running);
  if (there === undefined || there === version || !/^\d+\.\d+\.\d+$/.test(there)) return '';
  const direction = there < version ? 'upgraded' : 'downgraded';
  const overwrites =
    revision === 'default'
      ? '         Running this command will overwrite it; use revisions to upgrade alongside the existing version.\n'
      : '';
  return `WARNING: Istio is being ${direction} from ${there} to ${version}.\n${overwrites}         Before upgrading, you may wish to use 'istioctl x precheck' to check for upgrade warnings.\n`;
}

/** What another configuration does to the pods that the revision's own would inject; empty if nothing. */
function conflictsOf({ registry }: IstioctlContext, { revision, manifest }: Wanted): string {
  const own = manifest.find(({ kind }) => kind.plural === MutatingWebhooks.plural)?.object as
    | WebhookConfiguration
    | undefined;
  // The webhooks of an installation without revision are neutralised when it takes the default tag.
  if (!own || revision === 'default') return '';
  const others = registry.store
    .list<WebhookConfiguration>(MutatingWebhooks)
    .filter(({ metadata }) => metadata.name !== own.metadata.name);
  return overlapLines(own, others, 'installed-webhook-9:1');
}

/** A line for the installation that takes the default tag away from a revision. */
function shiftsDefault({ registry }: IstioctlContext, revision: string): string {
  const tag = registry.store.get<WebhookConfiguration>(MutatingWebhooks, tagWebhookName('default'));
  const holder = tag?.metadata.labels?.[RevisionLabel];
  if (revision !== 'default' || holder === undefined || holder === 'default') return '';
  return 'This installation will make default injection and validation pointing to the default revision, and originally it was pointing to the revisioned one.\n';
}

function read({ version }: IstioctlContext, args: IstioctlArguments): Wanted | Output {
  const settings = new Map(
    args.values('--set').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  const revision = args.value('--revision') ?? settings.get('revision') ?? 'default';
  if (!IsRevision.test(revision)) return failed(`invalid revision specified: ${revision}`);
  const profile = settings.get('profile') ?? 'default';
  if (!Profiles.has(profile)) {
    return afterShip(
      `generate config: merge inputs: profile "${profile}" not found: open profiles/${profile}.yaml: file does not exist`,
    );
  }
  const hasCore = settings.get('components.base.enabled') !== 'false';
  const given = valuesGiven(settings, args) as { global?: Webhooks; pilot?: { global?: Webhooks } };
  const managesWebhooks = given.global?.operatorManageWebhooks === true;
  // The chart takes the values of `pilot` at its root.
  const leavesInjectorOut = given.pilot?.global?.operatorManageWebhooks ?? managesWebhooks;
  const manifest = [
    ...(hasCore ? coreManifest(revision, version) : []),
    ...istiodManifest(revision, version, given).filter(
      ({ kind }) => !leavesInjectorOut || kind.plural !== MutatingWebhooks.plural,
    ),
    ...(profile === 'default' ? ingressGatewayManifest(revision, version) : []),
  ];
  return { revision, profile, hasCore, managesWebhooks, manifest };
}

interface Webhooks {
  operatorManageWebhooks?: boolean;
}

/** What the charts are given: `--set`, then `unvalidatedValues` of the IstioOperator on stdin, which win. */
function valuesGiven(settings: ReadonlyMap<string, string>, args: IstioctlArguments): Values {
  const { spec = {} } = (args.values('--filename').includes('-') ? parse(args.stdin) : {}) as {
    spec?: { values?: Values; meshConfig?: Values; unvalidatedValues?: Values };
  };
  let values = merged(spec.values ?? {}, { meshConfig: spec.meshConfig ?? {} });
  for (const [path, text] of settings) {
    const chart = path === 'tag' || path === 'hub' ? `global.${path}` : path.replace(/^values\./, '');
    if (chart === 'components.cni.enabled') values = merged(values, nested('pilot.cni.enabled', text));
    else if (path.startsWith('values.') || path.startsWith('meshConfig.') || chart !== path)
      values = merged(values, nested(chart, text));
  }
  return merged(values, spec.unvalidatedValues ?? {});
}

/** Of a list only its first element can be given, and a second setting of it replaces the first. */
export const nested = (path: string, text: string): Values =>
  path
    .split('.')
    .reduceRight<unknown>(
      (value, step) => (step.endsWith('[0]') ? { [step.slice(0, -3)]: [value] } : { [step]: value }),
      parse(text),
    ) as Values;

/** Undefined when all are ready; otherwise what istioctl adds about those that are not. */
async function waitForDeployments(
  { registry, clock }: IstioctlContext,
  deployments: readonly Manifested[],
  timeoutMs: number,
): Promise<string | undefined> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const waiting = deployments.filter(({ object }) => {
      const live = registry.store.get<WorkloadObject>(Deployments, object.metadata.name, object.metadata.namespace);
      const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = live?.status ?? {};
      const replicas = live?.spec.replicas ?? 1;
      return (
        observedGeneration < (live?.metadata.generation ?? 1) || readyReplicas < replicas || updatedReplicas < replicas
      );
    });
    if (waiting.length === 0) return undefined;
    if (clock.now() >= deadline) {
      return waiting
        .map(({ object }) =>
          containerProblem(registry.store.list<Pod>(Pods, object.metadata.namespace), object.metadata.name),
        )
        .join('');
    }
    await clock.sleep(PollMs);
  }
}

/** Only a container's waiting reason is told; a pod that is merely pending is not: 40-install-pod-never-scheduled. */
function containerProblem(pods: readonly Pod[], deployment: string): string {
  const waiting = pods
    .filter(({ metadata }) => metadata.name.startsWith(`${deployment}-`))
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .find(({ state }) => state?.waiting)?.state?.waiting;
  if (!waiting) return '\n  ';
  return `\n  Deployment/${IstioNamespace}/${deployment} (container failed to start: ${waiting.reason}: ${waiting.message})`;
}

/** The revision that is installed while no default tag exists becomes the default: 41-default-taken-automatically. */
function takeDefaultTag({ registry, version }: IstioctlContext, revision: string): void {
  const { store } = registry;
  const isTaken = store
    .list<WebhookConfiguration>(MutatingWebhooks)
    .some(({ metadata }) => metadata.labels?.[TagLabel] === 'default' || metadata.name === tagWebhookName('default'));
  // An installation without a revision takes it even from a revision that has it.
  if (isTaken && revision !== 'default') return;
  deactivateUnrevisioned(registry);
  const injector = store.get<WebhookConfiguration>(MutatingWebhooks, injectorName(revision));
  const caBundle = injector?.webhooks?.[0]?.clientConfig.caBundle;
  applyManifest(
    registry,
    tagManifest({ tag: 'default', revision, caBundle, installer: version, failurePolicy: validatorPolicy(registry) }),
    Manager,
  );
}

/** 45-install-more: a smaller profile for the same revision takes its gateway away. */
function prune({ registry }: IstioctlContext, { revision, manifest }: Wanted): string[] {
  const kept = new Set(
    manifest.map(({ kind, object }) => `${kind.plural}/${keyOf(object.metadata.name, object.metadata.namespace)}`),
  );
  const surplus = ownedObjects(registry, revision).filter(({ kind, object }) => {
    const labels = object.metadata.labels ?? {};
    const id = `${kind.plural}/${keyOf(object.metadata.name, object.metadata.namespace)}`;
    return isOwnedBy(revision, labels) && !isNeverPruned(labels) && !kept.has(id);
  });
  for (const { kind, object } of surplus) registry.delete(kind, object.metadata);
  return surplus.map((entry) => `${removedLine(entry)}\n`);
}

function ensureNamespace({ registry }: IstioctlContext): void {
  const namespaces = registry.catalog.resolve({
    apiVersion: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
  });
  if (!registry.store.get(namespaces, IstioNamespace))
    registry.create(namespaces, { metadata: { name: IstioNamespace } }, { manager: 'istioctl' });
}

/** Go's durations: `300s`, `5m0s`. */
function parseDuration(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}
