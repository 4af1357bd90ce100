import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../../../src/ports/kinds.ts';
import { istiodService } from './control-plane-manifest.ts';
import { ChartLabels, type Manifested, operatorLabels } from './manifest.ts';
import {
  DefaultValidatorName,
  IstioNamespace,
  NotPrunedLabel,
  RevisionLabel,
  TagLabel,
  tagServiceName,
  tagWebhookName,
} from './names.ts';
import { ConfigOf, injectionWebhooks, validationWebhook } from './webhooks.ts';

export interface TagManifest {
  tag: string;
  revision: string;
  /** As the canonical webhook has it now; empty when its istiod never started. */
  caBundle: string | undefined;
  /** Of the validator; left out, istiod's choice stays as it is. */
  failurePolicy?: 'Ignore' | undefined;
  /** Also for namespaces that say nothing. */
  autoInject?: boolean;
  /** Of the revision's injector, which `tag set` copies to the webhook and the validator. */
  annotations?: Record<string, string> | undefined;
  /** Made by the installer of this version, which uninstalls it again; otherwise by `tag set`. */
  installer?: string;
}

/** The objects of a revision tag: webhook, Service since 1.28, and for `default` the validator. */
export function tagManifest({
  tag,
  revision,
  caBundle,
  failurePolicy,
  autoInject,
  annotations,
  installer,
}: TagManifest): Manifested[] {
  const owned = installer ? { ...operatorLabels('Pilot', installer), [NotPrunedLabel]: 'true' } : {};
  const labels = { ...ChartLabels, ...owned, [RevisionLabel]: revision, [TagLabel]: tag };
  const copied = annotations === undefined ? {} : { annotations };
  const webhook: Manifested = {
    kind: MutatingWebhooks,
    object: {
      metadata: { name: tagWebhookName(tag), labels: { ...labels, app: 'sidecar-injector' }, ...copied },
      webhooks: injectionWebhooks(tag, revision, caBundle, autoInject),
    } as KubernetesObject,
  };
  const service: Manifested = {
    kind: Services,
    object: {
      metadata: {
        name: tagServiceName(tag),
        namespace: IstioNamespace,
        labels: { ...labels, app: 'istiod', istio: 'pilot' },
      },
      spec: istiodService(revision),
    } as KubernetesObject,
  };
  if (tag !== 'default') return [webhook, service];
  const validator: Manifested = {
    kind: ValidatingWebhooks,
    object: {
      metadata: { name: DefaultValidatorName, labels: { ...labels, app: 'istiod', istio: 'istiod' }, ...copied },
      webhooks: [
        {
          ...validationWebhook('validation.istio.io', revision, ConfigOf.anyone, caBundle),
          ...(failurePolicy ? { failurePolicy } : {}),
        },
      ],
    } as KubernetesObject,
  };
  return [webhook, validator, service];
}
