import { qualified, type Resource } from './resources.ts';

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
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

  constructor(code: number, reason: string, message: string, details?: object, afterMs = 0) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
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

export const applyConflict = (conflicts: readonly { manager: string; apiVersion: string; field: string }[]) => {
  const causes = conflicts.map(({ manager, apiVersion, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}" using ${apiVersion}`,
    field,
  }));
  const [first] = causes;
  const message =
    causes.length === 1 && first
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${causes.map((c) => `${c.message}: ${c.field}`).join('\n- ')}`;
  return new StatusFailure(409, 'Conflict', message, { causes });
};

export const invalid = (resource: Resource, name: string, why: string) =>
  new StatusFailure(
    422,
    'Invalid',
    `${resource.kind}${resource.group ? `.${resource.group}` : ''} "${name}" is invalid: ${why}`,
    about(resource, name),
  );

export const badRequest = (message: string) => new StatusFailure(400, 'BadRequest', message);

export const methodNotAllowed = () =>
  new StatusFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const unsupportedMediaType = (type: string) =>
  new StatusFailure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${type}`,
  );

export const expired = (message: string) => new StatusFailure(410, 'Expired', message);

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
