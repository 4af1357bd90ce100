import { parse, stringify } from 'yaml';
import type { ProcessResult, ProcessRunner } from '../../../../src/istioctl/process-runner.ts';
import { merged, type Values } from '../../../../src/model/values.ts';
import { applyManifest, withTypes } from './apply.ts';
import { istiodManifest } from './control-plane-manifest.ts';
import { baseObjects, HelmManager, HelmRelease } from './helm-release.ts';
import { nested } from './install-command.ts';
import { failed, type IstioctlContext, type Output, succeeded, takes } from './istioctl-command.ts';
import type { Manifested } from './manifest.ts';
import { DefaultValidatorName, OwnerLabel } from './names.ts';

interface Call {
  /** Without the name of the command. */
  words: readonly string[];
  values(flag: string): readonly string[];
  has(flag: string): boolean;
  stdin: string;
}

/** Gone with the run that started it: from its next step on it does nothing. */
export type IsKilled = () => boolean;

/** helm 4 as a process: the commands that the product calls, with the texts of the lab's transcripts. */
export function helmProcess(context: IstioctlContext, isKilled: IsKilled = () => false): ProcessRunner {
  const step = async (ms: number): Promise<void> => {
    await takes(context, ms);
    if (isKilled()) await new Promise(() => undefined);
  };
  return {
    run: async (args, { stdin = '' }): Promise<ProcessResult> => {
      const [command = '', ...rest] = args;
      const call = callOf(command === 'get' ? rest.slice(1) : rest, stdin);
      const name = command === 'get' ? `get ${rest[0]}` : command;
      const carryOut = commands[name];
      if (carryOut === undefined) throw new Error(`not simulated: helm ${name}`);
      return { ...(await carryOut(context, call, step)), timedOut: false };
    },
  };
}

type Command = (context: IstioctlContext, call: Call, step: (ms: number) => Promise<void>) => Promise<Output>;

const commands: Readonly<Record<string, Command>> = {
  version: async () => succeeded('v4.3.1'),

  template: async (_context, call, step) => {
    await step(300);
    return succeeded(
      istiodOf(call)
        .map((entry) => `---\n# Source: istiod\n${stringify(withTypes(entry))}`)
        .join(''),
    );
  },

  install: async (context, call, step) => {
    const release = named(context, call);
    await step(200);
    if (release.status !== undefined)
      return failed('INSTALLATION FAILED: release name check failed: cannot reuse a name that is still in use');
    const manifest = istiodOf(call);
    const foreign = manifest.find(({ kind, object: { metadata } }) =>
      isForeign(HelmRelease.ownerOf(context.registry.store.get(kind, metadata.name, metadata.namespace)), release),
    );
    if (foreign !== undefined)
      return failed(
        `INSTALLATION FAILED: unable to continue with install: ${foreign.kind.kind} "${foreign.object.metadata.name}" exists and cannot be imported into the current release: invalid ownership metadata`,
      );
    release.record('pending-install', manifest);
    await step(200);
    await apply(context, release, manifest, step);
    release.end('deployed');
    return succeeded(`NAME: ${release.name}\nSTATUS: deployed\n`);
  },

  upgrade: async (context, call, step) => {
    const release = named(context, call);
    await step(200);
    if (release.status === undefined) return failed(`UPGRADE FAILED: "${release.name}" has no deployed releases`);
    if (release.status.startsWith('pending-'))
      return failed('UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress');
    const isBase = call.words[1]?.endsWith('base') === true;
    const manifest = isBase ? baseObjects(call.values('--version')[0] ?? '') : istiodOf(call);
    release.record('pending-upgrade', manifest);
    const validator = manifest.find(({ object }) => object.metadata.name === DefaultValidatorName);
    await apply(
      context,
      release,
      manifest.filter((entry) => entry !== validator),
      step,
    );
    if (validator !== undefined && hasBeenMoved(context, validator) && !call.has('--force-conflicts')) {
      release.end('failed');
      return failed(
        `UPGRADE FAILED: conflict occurred while applying object /${DefaultValidatorName} admissionregistration.k8s.io/v1, Kind=ValidatingWebhookConfiguration: Apply failed with 7 conflicts: conflicts with "istio-ci":\n- .metadata.labels.istio.io/rev`,
      );
    }
    release.end('deployed');
    return succeeded(`Release "${release.name}" has been upgraded. Happy Helming!\n`);
  },

  uninstall: async (context, call, step) => {
    const release = named(context, call);
    await step(200);
    if (release.status === undefined)
      return call.has('--ignore-not-found')
        ? succeeded('')
        : failed(`uninstall: Release not loaded: ${release.name}: release: not found`);
    release.uninstall();
    await step(200);
    return succeeded(`release "${release.name}" uninstalled\n`);
  },

  'get metadata': async (context, call) => {
    const { name, status } = named(context, call);
    return status === undefined ? notFound : succeeded(JSON.stringify({ name, status }));
  },

  'get manifest': async (context, call) => {
    const { status, text } = named(context, call);
    return status === undefined ? notFound : succeeded(text);
  },
};

const notFound = failed('release: not found');

const named = ({ registry }: IstioctlContext, { words: [name = ''] }: Call): HelmRelease =>
  new HelmRelease(registry, name);

const isForeign = (owner: string | undefined, { name }: HelmRelease): boolean => owner !== undefined && owner !== name;

async function apply(
  { registry }: IstioctlContext,
  release: HelmRelease,
  manifest: readonly Manifested[],
  step: (ms: number) => Promise<void>,
): Promise<void> {
  const marked = manifest.map(({ kind, object: { metadata, ...body } }) => ({
    kind,
    object: {
      ...body,
      metadata: { ...metadata, annotations: { ...metadata.annotations, ...release.marks.annotations } },
    },
  }));
  const half = Math.ceil(marked.length / 2);
  applyManifest(registry, marked.slice(0, half), HelmManager);
  await step(300);
  applyManifest(registry, marked.slice(half), HelmManager);
  await step(300);
}

/** `istioctl tag set` has written it since. */
function hasBeenMoved({ registry }: IstioctlContext, { kind, object: { metadata } }: Manifested): boolean {
  const live = registry.store.get(kind, metadata.name, metadata.namespace);
  return (live?.metadata.managedFields ?? []).some(({ manager }) => manager === 'istio-ci');
}

/** The chart istiod of a release of Istio, without what only istioctl adds. */
function istiodOf(call: Call): readonly Manifested[] {
  const settings = call
    .values('--set')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  const values = settings.reduce<Values>(
    (all, [path = '', text = '']) => merged(all, nested(path, text)),
    (parse(call.stdin) ?? {}) as Values,
  );
  const { revision, ...others } = values;
  return istiodManifest(String(revision), call.values('--version')[0] ?? '', others).map(({ kind, object }) => {
    const { [OwnerLabel]: _owner, ...labels } = object.metadata.labels ?? {};
    return { kind, object: { ...object, metadata: { ...object.metadata, labels } } };
  });
}

const withValue: ReadonlySet<string> = new Set([
  ...['-n', '-f', '-o', '--set', '--version', '--repo', '--template', '--kubeconfig', '--kube-context'],
]);

function callOf(args: readonly string[], stdin: string): Call {
  const words: string[] = [];
  const flags: [string, string][] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (withValue.has(arg)) flags.push([arg, args[++i] ?? '']);
    else if (arg.startsWith('-')) flags.push([arg, 'true']);
    else words.push(arg);
  }
  return {
    words,
    stdin,
    values: (flag) => flags.flatMap(([name, value]) => (name === flag ? [value] : [])),
    has: (flag) => flags.some(([name]) => name === flag),
  };
}
