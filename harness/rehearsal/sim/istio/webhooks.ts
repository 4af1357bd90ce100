import type { LabelSelector } from '../../../../src/model/kubernetes-object.ts';
import type { Webhook } from '../../../../src/ports/objects.ts';
import { IstioNamespace, istiodName } from './names.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

const Rev = 'istio.io/rev';
const Injection = 'istio-injection';
const Inject = 'sidecar.istio.io/inject';

const is = (key: string, ...values: string[]): Requirement => ({ key, operator: 'In', values });
const isNot = (key: string, ...values: string[]): Requirement => ({ key, operator: 'NotIn', values });
const absent = (key: string): Requirement => ({ key, operator: 'DoesNotExist' });

/** Never injected by themselves, even when everything else is. */
const SystemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

/** The webhooks that make `label` a value of `istio.io/rev`, served by `revision`. */
export function injectionWebhooks(
  label: string,
  revision: string,
  caBundle: string | undefined,
  autoInject = false,
): Webhook[] {
  const hook = (
    name: string,
    namespaces: Requirement[],
    objects: Requirement[],
  ): Webhook & Record<string, unknown> => ({
    admissionReviewVersions: ['v1'],
    clientConfig: {
      ...(caBundle ? { caBundle } : {}),
      service: { name: istiodName(revision), namespace: IstioNamespace, path: '/inject', port: 443 },
    },
    failurePolicy: 'Fail',
    name: `${name}.sidecar-injector.istio.io`,
    namespaceSelector: { matchExpressions: namespaces },
    objectSelector: { matchExpressions: objects },
    reinvocationPolicy: 'Never',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    sideEffects: 'None',
  });
  const byRevision = [
    hook('rev.namespace', [is(Rev, label), absent(Injection)], [isNot(Inject, 'false')]),
    hook('rev.object', [absent(Rev), absent(Injection)], [isNot(Inject, 'false'), is(Rev, label)]),
  ];
  if (label !== 'default') return byRevision;
  return [
    ...byRevision,
    hook('namespace', [is(Injection, 'enabled')], [isNot(Inject, 'false')]),
    hook('object', [absent(Injection), absent(Rev)], [is(Inject, 'true'), absent(Rev)]),
    ...(autoInject
      ? [
          hook(
            'auto',
            [absent(Injection), absent(Rev), isNot('kubernetes.io/metadata.name', ...SystemNamespaces)],
            [absent(Inject), absent(Rev)],
          ),
        ]
      : []),
  ];
}

/** What neutralises the injector of an installation without revision once the default tag exists. */
export function deactivated(webhooks: readonly Webhook[]): Webhook[] {
  const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
  return webhooks.map((webhook) => ({ ...webhook, namespaceSelector: never, objectSelector: never }));
}

/** The webhook that checks Istio's own configuration. */
export function validationWebhook(
  name: string,
  revision: string,
  objectSelector: LabelSelector,
  caBundle: string | undefined,
): Webhook & Record<string, unknown> {
  return {
    admissionReviewVersions: ['v1'],
    clientConfig: {
      ...(caBundle ? { caBundle } : {}),
      service: { name: istiodName(revision), namespace: IstioNamespace, path: '/validate' },
    },
    name,
    objectSelector,
    rules: [
      {
        apiGroups: ['security.istio.io', 'networking.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
        apiVersions: ['*'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['*'],
      },
    ],
    sideEffects: 'None',
  };
}

/** For configuration of one revision, and for that which names none. */
export const ConfigOf = {
  revision: (revision: string): LabelSelector => ({ matchExpressions: [is(Rev, revision)] }),
  anyone: { matchExpressions: [absent(Rev)] } satisfies LabelSelector,
};
