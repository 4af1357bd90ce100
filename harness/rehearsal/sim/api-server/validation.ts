import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { isMap, isSame, type JsonMap } from './json.ts';
import type { Resource } from './resources.ts';
import { badRequest, type FieldError, invalid, invalidValue } from './status-failure.ts';

const Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LabelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const MicroTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Names of roles are path segments, and may hold capitals and colons. */
const FreelyNamed: ReadonlySet<string> = new Set(['rbac.authorization.k8s.io']);

/**
 * Refuses what clients of a mesh can get wrong; the rest of the real server's validation is not simulated.
 * @param live undefined for a create
 * @throws StatusFailure Invalid or BadRequest, in the real server's words
 */
export function validate(resource: Resource, object: KubernetesObject, live?: KubernetesObject): void {
  if (resource.kind === 'Lease') expectTimes(object);
  const errors = [
    ...(live ? immutableFields(object, live) : nameOf(resource, object)),
    ...labels(object),
    ...(Rules[resource.kind]?.(specOf(object), object, live && specOf(live)) ?? []),
  ];
  if (errors.length > 0) throw invalid(resource, object.metadata.name, errors);
}

type Rule = (spec: JsonMap, object: KubernetesObject, live: JsonMap | undefined) => FieldError[];

const replicas: Rule = ({ replicas: count }) =>
  typeof count === 'number' && count < 0
    ? [invalidValue('spec.replicas', count, 'must be greater than or equal to 0')]
    : [];

const selector: Rule = (spec, _object, live) => {
  const template = isMap(spec['template']) ? spec['template'] : {};
  const metadata = isMap(template['metadata']) ? template['metadata'] : {};
  const its = isMap(metadata['labels']) ? metadata['labels'] : {};
  const wanted = isMap(spec['selector']) ? spec['selector'] : {};
  const matchLabels = isMap(wanted['matchLabels']) ? wanted['matchLabels'] : {};
  if (live && !isSame(live['selector'], wanted)) return [invalidValue('spec.selector', wanted, 'field is immutable')];
  if (Object.entries(matchLabels).every(([key, value]) => its[key] === value)) return [];
  return [invalidValue('spec.template.metadata.labels', its, '`selector` does not match template `labels`')];
};

const workload: Rule = (...about) => [...replicas(...about), ...selector(...about)];

const sideEffects: Rule = (_spec, object) => {
  const { webhooks = [] } = object as { webhooks?: { sideEffects?: string }[] };
  return webhooks.flatMap(({ sideEffects: stated }, i) =>
    stated === undefined || stated === 'None' || stated === 'NoneOnDryRun'
      ? []
      : [
          {
            field: `webhooks[${i}].sideEffects`,
            message: `Unsupported value: ${JSON.stringify(stated)}: supported values: "None", "NoneOnDryRun"`,
            reason: 'FieldValueNotSupported',
          },
        ],
  );
};

/** Only mounts of volumes are looked at: the API server knows no volume of a claim that a controller would add. */
const mounts: Rule = (spec) => {
  const named = new Set(listOf(spec['volumes']).map(({ name }) => name));
  return ['initContainers', 'containers'].flatMap((field) =>
    listOf(spec[field]).flatMap((container, i) =>
      listOf(container['volumeMounts']).flatMap(({ name }, j) =>
        named.has(name)
          ? []
          : [
              {
                field: `spec.${field}[${i}].volumeMounts[${j}].name`,
                message: `Not found: ${JSON.stringify(name)}`,
                reason: 'FieldValueNotFound',
              },
            ],
      ),
    ),
  );
};

const listOf = (value: unknown): JsonMap[] => (Array.isArray(value) ? value.filter(isMap) : []);

const Rules: Readonly<Record<string, Rule>> = {
  Pod: (spec, object, live) => (live ? [] : mounts(spec, object, live)),
  Deployment: workload,
  StatefulSet: workload,
  DaemonSet: selector,
  ReplicaSet: replicas,
  Lease: ({ leaseDurationSeconds }) =>
    typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0
      ? [invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
      : [],
  MutatingWebhookConfiguration: sideEffects,
  ValidatingWebhookConfiguration: sideEffects,
};

function nameOf({ group }: Resource, { metadata: { name } }: KubernetesObject): FieldError[] {
  return FreelyNamed.has(group) || Subdomain.test(name) ? [] : [invalidValue('metadata.name', name, subdomainRule)];
}

function labels({ metadata }: KubernetesObject): FieldError[] {
  return Object.values(metadata.labels ?? {})
    .filter((value) => !LabelValue.test(value))
    .map((value) => invalidValue('metadata.labels', value, labelRule));
}

/** What is on its way out may lose finalizers, but get no new ones. */
function immutableFields({ metadata }: KubernetesObject, live: KubernetesObject): FieldError[] {
  const held = live.metadata.finalizers ?? [];
  const added = (metadata.finalizers ?? []).filter((finalizer) => !held.includes(finalizer));
  if (!live.metadata.deletionTimestamp || added.length === 0) return [];
  return [
    {
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
      reason: 'FieldValueForbidden',
    },
  ];
}

function expectTimes(object: KubernetesObject): void {
  for (const field of ['renewTime', 'acquireTime']) {
    const time = specOf(object)[field];
    if (time !== undefined && time !== null && !MicroTime.test(String(time)))
      throw badRequest(
        `Lease in version "v1" cannot be handled as a Lease: parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${JSON.stringify(time)} as "2006"`,
      );
  }
}

function specOf(object: KubernetesObject): JsonMap {
  const { spec } = object as { spec?: unknown };
  return isMap(spec) ? spec : {};
}
