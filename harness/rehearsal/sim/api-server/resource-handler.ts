import { parse as parseYaml } from 'yaml';
import type { TransportRequest } from '../../../../src/kubernetes/transport.ts';
import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Target } from '../../../../src/ports/kubernetes.ts';
import type { Access } from './access.ts';
import { encodeList, encodeObject } from './encode.ts';
import { evict } from './eviction.ts';
import type { Form } from './form.ts';
import { isMap, type JsonMap } from './json.ts';
import { type Lister, selectorOf } from './list.ts';
import type { PatchRequest, Registry, WriteOptions } from './registry.ts';
import type { Resource } from './resources.ts';
import { type Answer, answer } from './response.ts';
import type { Route } from './route.ts';
import { readScale, writeScale } from './scale.ts';
import { badRequest, invalidOptions, methodNotAllowed, unsupportedMediaType } from './status-failure.ts';
import type { Watches } from './watch.ts';

export interface Context {
  registry: Registry;
  watches: Watches;
  lists: Lister;
  access: Access;
}

export interface Call {
  request: TransportRequest;
  query: URLSearchParams;
  form: Form;
}

type ResourceRoute = Extract<Route, { to: 'resource' }>;

const PatchTypes: Readonly<Record<string, PatchRequest['type']>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic-merge',
  'application/json-patch+json': 'json',
  'application/apply-patch+yaml': 'apply',
};

const ShownWhenDeleted: ReadonlySet<string> = new Set(['Pod', 'Service', 'Namespace']);

/** Every verb on objects and collections of one resource. */
export function handleResource(context: Context, target: ResourceRoute, call: Call): Answer {
  const { resource, name, namespace, subresource } = target;
  const verb = verbOf(call, name);
  context.access.expect({
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  });
  if (name === undefined) return onCollection(context, target, call, verb);
  return onObject(context, resource, { name, ...(namespace ? { namespace } : {}) }, subresource, call);
}

function onCollection(
  { registry, watches, lists }: Context,
  { resource, namespace }: ResourceRoute,
  call: Call,
  verb: string,
): Answer {
  const { request, query, form } = call;
  switch (verb) {
    case 'watch':
      return answer(200, watches.start({ resource, namespace, query, form, signal: request.signal }));
    case 'list': {
      const { items, metadata } = lists.list(resource, namespace, query);
      return answer(200, encodeList(resource, items, form, metadata));
    }
    case 'create': {
      const object = placed(bodyOf(request), namespace);
      return answer(201, encodeObject(resource, registry.create(resource, object, writeOptions(call)), form));
    }
    case 'deletecollection': {
      const doomed = registry.store.list<KubernetesObject>(resource, namespace).filter(selectorOf(resource, query));
      for (const { metadata } of doomed) registry.delete(resource, metadata, deleteOptions(call));
      return answer(
        200,
        encodeList(resource, doomed, form, { resourceVersion: String(registry.store.resourceVersion) }),
      );
    }
    default:
      throw methodNotAllowed();
  }
}

function onObject(
  { registry }: Context,
  resource: Resource,
  target: Target,
  subresource: string | undefined,
  call: Call,
): Answer {
  const { request, form } = call;
  const options = { ...writeOptions(call), ...(subresource ? { subresource } : {}) };
  const shown = (object: KubernetesObject, status = 200) => answer(status, encodeObject(resource, object, form));
  if (subresource === 'eviction') return eviction(registry, target, call, options);
  if (subresource === 'scale') return scale(registry, resource, target, call, options);
  switch (request.method) {
    case 'GET':
      return shown(registry.get(resource, target.name, target.namespace));
    case 'PUT': {
      const object = placed(bodyOf(request), target.namespace);
      if (object.metadata.name !== target.name) {
        throw badRequest(
          `the name of the object (${object.metadata.name}) does not match the name on the URL (${target.name})`,
        );
      }
      const isNew = !registry.store.get(resource, target.name, target.namespace);
      return shown(registry.replace(resource, object, options), isNew ? 201 : 200);
    }
    case 'PATCH':
      return patch(registry, resource, target, call, options);
    case 'DELETE': {
      const deleted = registry.delete(resource, target, deleteOptions(call));
      // What is on its way out is shown; what is gone is only named.
      if (deleted.metadata.deletionTimestamp || ShownWhenDeleted.has(resource.kind)) return shown(deleted);
      const { uid } = deleted.metadata;
      const details = {
        name: target.name,
        ...(resource.group ? { group: resource.group } : {}),
        kind: resource.plural,
        uid,
      };
      return answer(
        200,
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }),
      );
    }
    case 'POST':
      throw methodNotAllowed();
  }
}

function patch(registry: Registry, resource: Resource, target: Target, call: Call, options: WriteOptions): Answer {
  const request = patchOf(resource, call);
  const isNew = !registry.store.get(resource, target.name, target.namespace);
  const patched = registry.patch<KubernetesObject>(resource, target, request, options);
  return answer(isNew ? 201 : 200, encodeObject(resource, patched, call.form));
}

function eviction(registry: Registry, target: Target, call: Call, { dryRun = false }: WriteOptions): Answer {
  if (call.request.method !== 'POST') throw methodNotAllowed();
  return answer(201, JSON.stringify(evict(registry, target, bodyOf(call.request), dryRun)));
}

function scale(registry: Registry, resource: Resource, target: Target, call: Call, options: WriteOptions): Answer {
  if (call.request.method === 'GET') return answer(200, JSON.stringify(readScale(registry, resource, target)));
  const { manager, dryRun } = options;
  const options_ = { ...(manager ? { manager } : {}), ...(dryRun ? { dryRun } : {}) };
  return answer(200, JSON.stringify(writeScale(registry, resource, target, bodyOf(call.request), options_)));
}

function verbOf({ request, query }: Call, name: string | undefined): string {
  const isWatch = query.get('watch') === 'true' || query.get('watch') === '1';
  switch (request.method) {
    case 'GET':
      return name !== undefined ? 'get' : isWatch ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name !== undefined ? 'delete' : 'deletecollection';
  }
}

function patchOf(resource: Resource, { request, query }: Call): PatchRequest {
  const contentType = request.headers['content-type']?.split(';')[0] ?? '';
  const type = PatchTypes[contentType];
  if (!type || (type === 'strategic-merge' && resource.isCustom)) throw unsupportedMediaType(resource);
  const body: unknown = type === 'apply' ? parseYaml(request.body ?? '') : parseJson(request.body ?? '');
  return { type, body, force: query.get('force') === 'true' };
}

const OptionKinds: Readonly<Record<string, string>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
};

function writeOptions({ request, query }: Call): WriteOptions {
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All')) {
    throw invalidOptions(OptionKinds[request.method] ?? 'DeleteOptions', {
      field: 'dryRun',
      message: `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
      reason: 'FieldValueNotSupported',
    });
  }
  // Without the parameter, the server takes the first word of the user agent.
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  const isApply = request.headers['content-type']?.startsWith('application/apply-patch') ?? false;
  const manager = query.get('fieldManager') ?? (isApply ? undefined : agent);
  return { dryRun: dryRun.length > 0, ...(manager ? { manager } : {}) };
}

const Policies = ['Foreground', 'Background', 'Orphan'];

function deleteOptions({ request, query }: Call) {
  const body: JsonMap = request.body ? bodyOf(request) : {};
  const grace = query.get('gracePeriodSeconds') ?? body['gracePeriodSeconds'];
  const policy = query.get('propagationPolicy') ?? body['propagationPolicy'];
  const preconditions = isMap(body['preconditions']) ? body['preconditions'] : undefined;
  const dryRun = query.getAll('dryRun').length > 0 || Array.isArray(body['dryRun']);
  if (typeof policy === 'string' && !Policies.includes(policy)) {
    throw invalidOptions('DeleteOptions', {
      field: 'propagationPolicy',
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: ${Policies.map((one) => JSON.stringify(one)).join(', ')}, "nil"`,
      reason: 'FieldValueNotSupported',
    });
  }
  return {
    dryRun,
    ...(grace === undefined || grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(typeof policy === 'string' ? { propagationPolicy: policy } : {}),
    ...(preconditions ? { preconditions } : {}),
  };
}

function bodyOf({ body }: TransportRequest): JsonMap {
  const parsed: unknown = parseJson(body ?? '');
  if (!isMap(parsed)) throw badRequest('the object provided is unrecognized (must be of type object)');
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${String(error)}`);
  }
}

/** The namespace of the path counts; a body may repeat it but not contradict it. */
function placed(body: JsonMap, namespace: string | undefined): KubernetesObject {
  const metadata: JsonMap = isMap(body['metadata']) ? body['metadata'] : {};
  const stated = metadata['namespace'];
  if (typeof stated === 'string' && namespace !== undefined && stated !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  return { ...body, metadata: { ...metadata, ...(namespace ? { namespace } : {}) } } as unknown as KubernetesObject;
}
