import semver from 'semver';
import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../../../src/ports/kinds.ts';
import type { Webhook, WebhookConfiguration } from '../../../../src/ports/objects.ts';
import type { Registry } from '../api-server/registry.ts';
import { applyManifest } from './apply.ts';
import { goYaml } from './go-yaml.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import { type Command, failed, type IstioctlContext, type Output, succeeded, takes } from './istioctl-command.ts';
import { isTagged } from './istiods.ts';
import {
  DefaultValidatorName,
  IstioNamespace,
  injectorName,
  RevisionLabel,
  TagLabel,
  tagServiceName,
  tagWebhookName,
} from './names.ts';
import { type TagManifest, tagManifest } from './tag-manifest.ts';
import { invalidWebhook, missingServiceProblem, overlapLines } from './webhook-overlaps.ts';
import { deactivated } from './webhooks.ts';

/** The manager of everything that `tag set` applies. */
const Manager = 'istio-ci';

/** `tag set TAG --revision R [--overwrite] [-y]`. Declines a conflict without `-y`, and still ends with 0: 33-tag-conflict. */
export const tagSet: Command = async (context, args) => {
  const prepared = prepare(context, args);
  await takes(context, 'exitCode' in prepared ? 70 : 150);
  if ('exitCode' in prepared) return prepared;
  const { tag, manifest, conflicts } = prepared;
  if (conflicts && !args.has('--skip-confirmation')) return succeeded('Apply anyways? [y/N] ', conflicts);
  if (tag === 'default') deactivateUnrevisioned(context.registry);
  // Applied at the same time but not at once: a reader in between sees a tag that is half moved.
  for (const entry of tagManifest(manifest)) {
    applyManifest(context.registry, [entry], Manager);
    await takes(context, 15);
  }
  return succeeded(
    `Revision tag "${tag}" created, referencing control plane revision "${manifest.revision}". To enable injection using this\n` +
      `revision tag, use 'kubectl label namespace <NAMESPACE> istio.io/rev=${tag}'\n`,
  );
};

export const tagGenerate: Command = async (context, args) => {
  const prepared = prepare(context, args);
  await takes(context, 120);
  if ('exitCode' in prepared) return prepared;
  const { conflicts, manifest } = prepared;
  return succeeded(tagManifest(manifest).map(goYaml).join('\n---\n'), args.has('--skip-confirmation') ? '' : conflicts);
};

export const tagRemove: Command = async (context, args) => {
  const tag = args.words[2] ?? '';
  const { store } = context.registry;
  await takes(context, 90);
  const webhook = store.get(MutatingWebhooks, tagWebhookName(tag));
  const service = store.get(Services, tagServiceName(tag), IstioNamespace);
  if (!webhook && !service) {
    return failed(`cannot remove tag "${tag}": cannot find MutatingWebhookConfiguration or Service for tag`);
  }
  const usedBy = store
    .list<KubernetesObject>({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false })
    .filter(({ metadata }) => metadata.labels?.[RevisionLabel] === tag)
    .map(({ metadata }) => metadata.name);
  if (usedBy.length > 0 && !args.has('--skip-confirmation')) {
    return succeeded(
      `Caution, found ${usedBy.length} namespace(s) still injected by tag "${tag}": ${usedBy.join(' ')}\nProceed with operation? [y/N] Aborting operation.\n`,
    );
  }
  for (const { kind, object } of tagManifest({ tag, revision: '', caBundle: undefined })) {
    const { name, namespace } = object.metadata;
    // Releases before 1.31 leave the validator behind: 41-default-taken-automatically.
    if (kind.plural === 'validatingwebhookconfigurations' && semver.lt(context.version, '1.31.0-0')) continue;
    if (store.get(kind, name, namespace)) context.registry.delete(kind, object.metadata);
  }
  return succeeded(`Revision tag ${tag} removed\n`);
};

interface Prepared {
  tag: string;
  manifest: TagManifest;
  /** The text on stderr; empty without conflicts. */
  conflicts: string;
}

function prepare({ registry }: IstioctlContext, args: IstioctlArguments): Prepared | Output {
  const [, , tag = ''] = args.words;
  const revision = args.value('--revision');
  const overwrite = args.has('--overwrite');
  if (revision === undefined) return failed('required flag(s) "revision" not set');
  const { store } = registry;
  const webhooks = store.list<WebhookConfiguration>(MutatingWebhooks);
  const hasRevision = ({ metadata }: KubernetesObject, wanted: string) => metadata.labels?.[RevisionLabel] === wanted;
  const isCanonical = (object: KubernetesObject, wanted: string) =>
    hasRevision(object, wanted) && !isTagged(object.metadata.labels);
  if (!overwrite && tag !== 'default' && webhooks.some((object) => isCanonical(object, tag))) {
    return failed(`cannot create revision tag "${tag}": found existing control plane revision with same name`);
  }
  const canonical = webhooks.filter((object) => isCanonical(object, revision));
  const services = store
    .list<KubernetesObject>(Services, IstioNamespace)
    .filter((object) => isCanonical(object, revision) && object.metadata.labels?.['app'] === 'istiod');
  if (canonical.length === 0 && services.length === 0) {
    return failed(`cannot modify tag: cannot find MutatingWebhookConfiguration or Service with revision "${revision}"`);
  }
  if (canonical.length > 1 || services.length > 1) {
    return failed(`cannot modify tag: found multiple canonical webhooks or services with revision "${revision}"`);
  }
  const exists =
    webhooks.some(({ metadata }) => metadata.labels?.[TagLabel] === tag) ||
    Boolean(store.get(Services, tagServiceName(tag), IstioNamespace));
  if (exists && !overwrite) return failed(`revision tag "${tag}" already exists, and --overwrite is false`);
  const [source] = canonical;
  // 42-split-and-panic: a Service without its webhook is more than it can take.
  if (!source) {
    return {
      exitCode: 2,
      stdout: '',
      stderr: 'panic: runtime error: index out of range [0] with length 0\n\ngoroutine 1 [running]:\n',
    };
  }
  const manifest = {
    tag,
    revision,
    caBundle: caBundleOf(source.webhooks),
    annotations: source.metadata.annotations,
    failurePolicy: validatorPolicy(registry),
    autoInject: args.has('--auto-inject-namespaces'),
  };
  const proposed = tagManifest(manifest)[0]?.object as WebhookConfiguration;
  const others = visibleTo(webhooks, revision, proposed.metadata.name);
  const lines = overlapLines(proposed, others) + missingService(registry, proposed);
  const conflicts = lines && `creating tag would conflict, pass --skip-confirmation to proceed:\n${lines}`;
  return { tag, manifest, conflicts };
}

/** It analyzes only what is labelled with the target revision or with none: others' duplicates go unseen. */
function visibleTo(webhooks: readonly WebhookConfiguration[], revision: string, own: string): WebhookConfiguration[] {
  return webhooks.filter(({ metadata }) => {
    const label = metadata.labels?.[RevisionLabel];
    return metadata.name !== own && (label === undefined || label === revision);
  });
}

function missingService({ store }: Registry, proposed: WebhookConfiguration): string {
  const { name = '', namespace = '' } = proposed.webhooks?.[0]?.clientConfig.service ?? {};
  const isThere = store.get(Services, name, namespace) !== undefined;
  return isThere ? '' : invalidWebhook(proposed, missingServiceProblem(namespace, name));
}

/** What istiod has made of an existing validator stays; a first one begins by ignoring failures. */
export function validatorPolicy({ store }: Registry): 'Ignore' | undefined {
  const existing = store.get<WebhookConfiguration>(ValidatingWebhooks, DefaultValidatorName);
  return existing?.webhooks?.every(({ failurePolicy }) => failurePolicy === 'Fail') ? undefined : 'Ignore';
}

function caBundleOf(webhooks: readonly Webhook[] = []): string | undefined {
  return webhooks.find(({ clientConfig }) => clientConfig.caBundle)?.clientConfig.caBundle;
}

/** The injector of an installation without revision gives way to the default tag. */
export function deactivateUnrevisioned(registry: Registry): void {
  const injector = registry.store.get<WebhookConfiguration>(MutatingWebhooks, injectorName('default'));
  if (!injector) return;
  registry.replace(
    MutatingWebhooks,
    { ...injector, webhooks: deactivated(injector.webhooks ?? []) },
    { manager: 'istioctl' },
  );
}
