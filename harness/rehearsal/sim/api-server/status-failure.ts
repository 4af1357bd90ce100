import type { ObjectMeta } from '../../../../src/model/kubernetes-object.ts';
import { qualified, type Resource } from './resources.ts';

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: object;
  code: number;
}

/** What the API server answers instead of an object, with its real reasons and words. */
export class StatusFailure extends Error {
  override readonly name = 'StatusFailure';
  readonly status: Status;
  /** Virtual milliseconds the server spent before it said so, as with a webhook that hangs. */
  readonly afterMs: number;

  constructor(code: number, reason: string | undefined, message: string, details?: object, afterMs = 0) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason ? { reason } : {}),
      ...(details ? { details } : {}),
      code,
    };
    this.afterMs = afterMs;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

const about = ({ plural, group }: Resource, name: string) => ({ name, ...(group ? { group } : {}), kind: plural });

export const notFound = (resource: Resource, name: string) =>
  new StatusFailure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name));

export const alreadyExists = (resource: Resource, name: string) =>
  new StatusFailure(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, about(resource, name));

export const conflict = (
  resource: Resource,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
) =>
  new StatusFailure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    about(resource, name),
  );

/** In the words of etcd, which checks it. */
export const otherUid = ({ plural, group }: Resource, { name, namespace, uid }: ObjectMeta, asked: string) =>
  `StorageError: invalid object, Code: 4, Key: /registry/${group ? `${group}/` : ''}${plural}/${namespace ? `${namespace}/` : ''}${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${uid}`;

/** A delete names the kind where every other conflict names the resource. */
export const preconditionFailed = ({ kind, group }: Resource, name: string, why: string) =>
  new StatusFailure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${group ? `${kind}.${group}` : kind} "${name}": ${why}`,
    { name, ...(group ? { group } : {}), kind },
  );

export interface ApplyConflict {
  manager: string;
  /** Said only of a manager that wrote the field by an update. */
  apiVersion?: string;
  field: string;
}

export const applyConflict = (conflicts: readonly ApplyConflict[]) => {
  const manager = (one: ApplyConflict) =>
    `with ${JSON.stringify(one.manager)}${one.apiVersion ? ` using ${one.apiVersion}` : ''}`;
  const sorted = conflicts.toSorted((a, b) => (manager(a) < manager(b) ? -1 : manager(a) > manager(b) ? 1 : 0));
  const groups = [...Map.groupBy(sorted, manager)];
  const causes = groups.flatMap(([who, its]) =>
    its.map(({ field }) => ({ reason: 'FieldManagerConflict', message: `conflict ${who}`, field })),
  );
  const [first] = causes;
  const message =
    causes.length === 1 && first
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${groups
          .map(([who, its]) => `conflicts ${who}:\n${its.map(({ field }) => `- ${field}`).join('\n')}`)
          .join('\n')}`;
  return new StatusFailure(409, 'Conflict', message, { causes });
};

/** One complaint about an object, by the path of its field. */
export interface FieldError {
  field: string;
  message: string;
  reason: string;
}

export const invalidValue = (field: string, value: unknown, why: string): FieldError => ({
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  reason: 'FieldValueInvalid',
});

const invalidAs = (about: { kind: string; group: string; name: string }, errors: readonly FieldError[]) => {
  const { kind, group, name } = about;
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  const why = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const causes = errors.map(({ reason, message, field }) => ({ reason, message, field }));
  const details = { ...(name ? { name } : {}), ...(group ? { group } : {}), kind, causes };
  return new StatusFailure(
    422,
    'Invalid',
    `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${why}`,
    details,
  );
};

export const invalid = ({ kind, group }: Resource, name: string, errors: readonly FieldError[]) =>
  invalidAs({ kind, group, name }, errors);

/** Options of a request are kinds too. */
export const invalidOptions = (kind: string, error: FieldError) =>
  invalidAs({ kind, group: 'meta.k8s.io', name: '' }, [error]);

/** Said by the storage, which knows plurals only. */
export const versionRequired = ({ plural, group }: Resource, name: string) =>
  invalidAs({ kind: plural, group, name }, [
    invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
  ]);

export const badRequest = (message: string) => new StatusFailure(400, 'BadRequest', message);

export const methodNotAllowed = () =>
  new StatusFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** Built-in kinds are served by a layer that says less than the one of definitions. */
export const unsupportedMediaType = ({ isCustom }: Resource) =>
  isCustom
    ? new StatusFailure(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      )
    : new StatusFailure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});

export const notAcceptable = () =>
  new StatusFailure(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    {},
  );

/** The group and version are served, the resource is not. */
export const resourceNotFound = () =>
  new StatusFailure(404, 'NotFound', 'the server could not find the requested resource', {});

const expired = (message: string, metadata: Status['metadata'] = {}) => {
  const failure = new StatusFailure(410, 'Expired', message);
  failure.status.metadata = metadata;
  return failure;
};

/** @param onward a token that goes on with whatever is there then */
export const expiredPage = (onward: string) =>
  expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { continue: onward },
  );

export const tooOldResourceVersion = (asked: number, oldest: number) =>
  expired(`too old resource version: ${asked} (${oldest})`);

/** @param failure what `kubectl` shows after "Internal error occurred: " */
export const internalError = (failure: string, afterMs = 0) =>
  new StatusFailure(
    500,
    'InternalError',
    `Internal error occurred: ${failure}`,
    { causes: [{ message: failure }] },
    afterMs,
  );

export const serviceUnavailable = (message: string) => new StatusFailure(503, 'ServiceUnavailable', message);

export const tooManyRequests = (message: string, details?: object) =>
  new StatusFailure(429, 'TooManyRequests', message, details);

export interface Attempt {
  user: string;
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

export const forbidden = ({ user, verb, group, resource, subresource, namespace, name }: Attempt) => {
  const plural = group ? `${resource}.${group}` : resource;
  const target = subresource ? `${resource}/${subresource}` : resource;
  const place = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  return new StatusFailure(
    403,
    'Forbidden',
    `${plural} ${name ? `"${name}" ` : ''}is forbidden: User "${user}" cannot ${verb} resource "${target}" in API group "${group}" ${place}`,
    { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  );
};
