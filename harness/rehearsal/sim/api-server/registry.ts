import type { KubernetesObject, ManagedFields, ObjectMeta } from '../../../../src/model/kubernetes-object.ts';
import type { Kind, Target } from '../../../../src/ports/kubernetes.ts';
import { nameSuffix, type Random, uuid } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { Catalog } from './catalog.ts';
import { isNewGeneration, ownership, unmanaged } from './changes.ts';
import { initialStatus, withDefaults } from './defaults.ts';
import {
  type DeleteOptions,
  expectPreconditions,
  graceSecondsOf,
  heldForDependents,
  isDyingBy,
  markedForDeletion,
} from './deletion.ts';
import { fieldsOf } from './field-set.ts';
import { isMap, isSame } from './json.ts';
import { jsonPatch } from './json-patch.ts';
import { trackApply, trackUpdate, type Writer } from './managed-fields.ts';
import { applyOver, mergePatch, strategicMergePatch } from './patch.ts';
import { qualified, type Resource } from './resources.ts';
import * as failure from './status-failure.ts';
import type { Store } from './store.ts';
import { tidied } from './tidy.ts';
import { validate } from './validation.ts';

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE';
  resource: Resource;
  object: KubernetesObject;
  namespace?: string;
  dryRun: boolean;
}

/** Sees every create and update before it is stored; returns what shall be stored, or throws a StatusFailure. */
export type Admission = (request: AdmissionRequest) => KubernetesObject;

export interface WriteOptions {
  /** Who writes, for managedFields. Without it the write is a controller's, booked without fields. */
  manager?: string;
  dryRun?: boolean;
  subresource?: string;
}

export interface PatchRequest {
  type: 'merge' | 'strategic-merge' | 'json' | 'apply';
  body: unknown;
  force?: boolean;
}

type WithStatus = KubernetesObject & { status?: unknown };

/** The rules between a request and the store: names, versions, generations, field ownership, admission. */
export class Registry {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #admission: Admission[] = [];

  constructor(store: Store, clock: VirtualClock, random: Random) {
    this.store = store;
    this.catalog = new Catalog(store);
    this.#clock = clock;
    this.#random = random;
  }

  /** Virtual time as the API server writes it. */
  timestamp(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
  }

  useAdmission(admission: Admission): void {
    this.#admission.push(admission);
  }

  get<T extends KubernetesObject>(kind: Kind, name: string, namespace?: string): T {
    const found = this.store.get<T>(kind, name, namespace);
    if (!found) throw failure.notFound(this.catalog.resolve(kind), name);
    return found;
  }

  create<T extends KubernetesObject>(kind: Kind, input: T, options: WriteOptions = {}): T {
    const resource = this.catalog.resolve(kind);
    if (input.metadata.resourceVersion)
      throw new failure.StatusFailure(500, undefined, 'resourceVersion should not be set on objects to be created');
    const named = tidied(this.#named(resource, input));
    const { name, namespace } = named.metadata;
    this.#expectNamespace(resource, name, namespace);
    validate(resource, named);
    const status = initialStatus(resource, named);
    const defaulted = withDefaults(resource, named, this.#random);
    const fresh = {
      ...defaulted,
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: { ...defaulted.metadata, ...this.#birth(resource) },
      ...(status === undefined ? {} : { status }),
    };
    const admitted = this.#admit('CREATE', resource, fresh, options.dryRun ?? false);
    // Checked last, as etcd does: a webhook runs even for a name that is taken.
    if (this.store.get(kind, name, namespace)) throw failure.alreadyExists(resource, name);
    const managedFields = this.#track(resource, undefined, admitted, options);
    const object = { ...admitted, metadata: { ...admitted.metadata, managedFields } } as unknown as T;
    return options.dryRun ? object : this.store.put(resource, object);
  }

  /** PUT: the whole object, guarded by its resourceVersion. */
  replace<T extends KubernetesObject>(kind: Kind, input: T, options: WriteOptions = {}): T {
    const resource = this.catalog.resolve(kind);
    const { name, namespace, resourceVersion, uid } = input.metadata;
    if (resource.createsOnUpdate && !this.store.get(kind, name, namespace)) {
      const { resourceVersion: _, ...metadata } = input.metadata;
      return this.create<T>(kind, { ...input, metadata }, options);
    }
    const live = this.get<T>(kind, name, namespace);
    if (!resourceVersion && !resource.allowsUnconditionalUpdate) throw failure.versionRequired(resource, name);
    if (uid && uid !== live.metadata.uid)
      throw failure.conflict(resource, name, failure.otherUid(resource, live.metadata, uid));
    return this.#commit(resource, live, this.#guarded(resource, live, input), options);
  }

  patch<T extends KubernetesObject>(kind: Kind, target: Target, request: PatchRequest, options: WriteOptions = {}): T {
    const resource = this.catalog.resolve(kind);
    if (request.type !== 'json' && !isMap(request.body))
      throw failure.badRequest('error decoding patch: the patch is not an object');
    if (request.type === 'apply') return this.#apply(resource, target, request, options) as T;
    const live = this.get<T>(kind, target.name, target.namespace);
    const merge = { merge: mergePatch, 'strategic-merge': strategicMergePatch, json: jsonPatch }[request.type];
    const patched = merge(live, request.body) as KubernetesObject;
    expectName(target.name, patched);
    const { uid } = patched.metadata;
    if (uid !== live.metadata.uid) {
      const error = failure.invalidValue('metadata.uid', uid, 'field is immutable');
      // The real server checks it twice.
      throw failure.invalid(resource, target.name, [error, error]);
    }
    return this.#commit(resource, live, this.#guarded(resource, live, patched), options) as T;
  }

  /** A controller's own write of anything but the status. */
  edit<T extends KubernetesObject>(kind: Kind, target: Target, change: (live: T) => T): T {
    const live = this.get<T>(kind, target.name, target.namespace);
    return this.#commit(this.catalog.resolve(kind), live, change(live), {});
  }

  /**
   * A controller's write of the status; nothing happens if it is what it was, or the object is gone.
   * @param noted annotations, which go through the status too and count for no generation
   */
  writeStatus(kind: Kind, target: Target, status: object, noted: Readonly<Record<string, string>> = {}): void {
    const live = this.store.get<WithStatus>(kind, target.name, target.namespace);
    if (!live) return;
    const annotations = { ...live.metadata.annotations, ...noted };
    if (isSame(live.status, status) && isSame(live.metadata.annotations ?? {}, annotations)) return;
    const manager = 'kube-controller-manager';
    const entries = live.metadata.managedFields ?? [];
    const isBooked = entries.some((entry) => entry.manager === manager && entry.subresource === 'status');
    const managedFields = isBooked
      ? entries
      : [...entries, { manager, operation: 'Update', subresource: 'status', time: this.timestamp() }];
    this.store.put(kind, tidied({ ...live, status, metadata: { ...live.metadata, annotations, managedFields } }));
  }

  delete(kind: Kind, target: Target, options: DeleteOptions = {}): KubernetesObject {
    const resource = this.catalog.resolve(kind);
    const live = this.get<KubernetesObject>(kind, target.name, target.namespace);
    const { metadata } = live;
    expectPreconditions(resource, live, options.preconditions);
    if (options.dryRun) return live;
    if (options.propagationPolicy === 'Orphan') this.#orphan(metadata.uid ?? '');
    const graceSeconds = graceSecondsOf(resource, live, options);
    const dying = markedForDeletion(live, graceSeconds, this.#clock.now());
    if (options.propagationPolicy === 'Foreground' && this.store.dependents(metadata.uid ?? '').length > 0) {
      return this.store.put(kind, heldForDependents(dying));
    }
    if (graceSeconds === 0 && (metadata.finalizers ?? []).length === 0 && resource.kind !== 'Namespace') {
      const last = this.store.delete(kind, target.name, target.namespace) ?? live;
      return resource.kind === 'Pod' ? { ...last, metadata: dying.metadata } : last;
    }
    if (isDyingBy(live, graceSeconds)) return live;
    return this.store.put(kind, resource.kind === 'Namespace' ? { ...dying, status: { phase: 'Terminating' } } : dying);
  }

  #apply(
    resource: Resource,
    { name, namespace }: Target,
    request: PatchRequest,
    options: WriteOptions,
  ): KubernetesObject {
    const { manager } = options;
    if (!manager)
      throw failure.invalidOptions('PatchOptions', {
        field: 'fieldManager',
        message: 'Required value: is required for apply patch',
        reason: 'FieldValueRequired',
      });
    const wanted = request.body as unknown as KubernetesObject;
    if (!wanted.apiVersion || !wanted.kind) throw failure.badRequest('invalid object type: /, Kind=');
    expectName(name, wanted);
    const live = this.store.get<KubernetesObject>(resource, name, namespace);
    const placed = { ...wanted, metadata: { ...wanted.metadata, name, ...(namespace ? { namespace } : {}) } };
    const merged = (live ? applyOver(live, placed) : placed) as KubernetesObject;
    const writer = this.#writer(resource, manager, options);
    const { object, managedFields } = trackApply(live, merged, fieldsOf(placed), writer, request.force ?? false);
    if (live) return this.#commit(resource, live, this.#guarded(resource, live, object), options, managedFields);
    const created = this.create(resource, object, { ...options, dryRun: true });
    const owned = { ...created, metadata: { ...created.metadata, managedFields } };
    return options.dryRun ? owned : this.store.put(resource, owned);
  }

  #commit<T extends KubernetesObject>(
    resource: Resource,
    live: T,
    wanted: KubernetesObject,
    options: WriteOptions,
    applied?: ManagedFields[],
  ): T {
    const next = this.#afterWrite(resource, live, tidied(wanted), options);
    if (options.subresource !== 'status') validate(resource, next, live);
    const admitted = options.subresource ? next : this.#admit('UPDATE', resource, next, options.dryRun ?? false);
    const isOwnedAlike = !applied || isSame(ownership(live.metadata.managedFields), ownership(applied));
    if (isOwnedAlike && isSame(unmanaged(live), unmanaged(admitted))) return live;
    const managedFields = applied ?? this.#track(resource, live, admitted, options);
    const object = { ...admitted, metadata: { ...admitted.metadata, managedFields } } as unknown as T;
    if (options.dryRun) return object;
    const { deletionTimestamp, finalizers, name, namespace } = object.metadata;
    const isReleased =
      deletionTimestamp && (finalizers ?? []).length === 0 && (live.metadata.finalizers ?? []).length > 0;
    const stored = this.store.put(resource, object);
    if (isReleased) this.store.delete(resource, name, namespace);
    return stored;
  }

  /** Takes from `wanted` what this endpoint may write, and counts the generation. */
  #afterWrite(
    resource: Resource,
    live: WithStatus,
    wanted: WithStatus,
    { subresource }: WriteOptions,
  ): KubernetesObject {
    const metadata = { ...wanted.metadata, ...immutable(live.metadata) };
    if (subresource === 'status') {
      return { ...live, status: wanted.status } as KubernetesObject;
    }
    const hasStatus = resource.subresources.includes('status');
    const defaulted = withDefaults(resource, { ...wanted, metadata }, this.#random);
    const next = hasStatus ? ({ ...defaulted, status: live.status } as WithStatus) : defaulted;
    if (!resource.hasGeneration || !isNewGeneration(resource, live, next)) return next;
    return { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 1) + 1 } };
  }

  #guarded(resource: Resource, live: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
    const { resourceVersion } = wanted.metadata;
    const { name } = live.metadata;
    if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw failure.conflict(resource, name);
    return wanted;
  }

  #admit(
    operation: 'CREATE' | 'UPDATE',
    resource: Resource,
    object: KubernetesObject,
    dryRun: boolean,
  ): KubernetesObject {
    const { namespace } = object.metadata;
    return this.#admission.reduce(
      (current, admit) =>
        admit({ operation, resource, object: current, ...(namespace === undefined ? {} : { namespace }), dryRun }),
      object,
    );
  }

  #track(
    resource: Resource,
    live: KubernetesObject | undefined,
    next: KubernetesObject,
    options: WriteOptions,
  ): ManagedFields[] {
    if (options.manager) return trackUpdate(live, next, this.#writer(resource, options.manager, options));
    if (live) return live.metadata.managedFields ?? [];
    return [{ manager: 'kube-controller-manager', operation: 'Update', time: this.timestamp() }];
  }

  #writer(resource: Resource, manager: string, { subresource }: WriteOptions): Writer {
    const { apiVersion } = resource;
    return { manager, apiVersion, time: this.timestamp(), ...(subresource ? { subresource } : {}) };
  }

  #named<T extends KubernetesObject>(resource: Resource, input: T): T {
    const { name, generateName, ...rest } = input.metadata as ObjectMeta & { generateName?: string };
    if (!name && !generateName)
      throw failure.invalid(resource, '', [
        {
          field: 'metadata.name',
          message: 'Required value: name or generateName is required',
          reason: 'FieldValueRequired',
        },
      ]);
    const given = name || `${generateName}${nameSuffix(this.#random)}`;
    return { ...input, metadata: { ...(generateName ? { generateName } : {}), ...rest, name: given } };
  }

  #expectNamespace(resource: Resource, name: string, namespace: string | undefined): void {
    if (!resource.namespaced) return;
    if (!namespace) throw failure.badRequest('an empty namespace may not be set during creation');
    const namespaces = this.catalog.resolve({
      apiVersion: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      namespaced: false,
    });
    const found = this.store.get(namespaces, namespace);
    if (!found) throw failure.notFound(namespaces, namespace);
    if (found.metadata.deletionTimestamp) {
      throw new failure.StatusFailure(
        403,
        'Forbidden',
        `${qualified(resource)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
        {
          name,
          ...(resource.group ? { group: resource.group } : {}),
          kind: resource.plural,
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: `namespace ${namespace} is being terminated`,
              field: 'metadata.namespace',
            },
          ],
        },
      );
    }
  }

  #birth(resource: Resource): Partial<ObjectMeta> {
    return {
      uid: uuid(this.#random),
      creationTimestamp: this.timestamp(),
      ...(resource.hasGeneration ? { generation: 1 } : {}),
    };
  }

  #orphan(uid: string): void {
    for (const { kind, object } of this.store.dependents(uid)) {
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      this.store.put(kind, tidied({ ...object, metadata: { ...object.metadata, ownerReferences } }));
    }
  }
}

function immutable({
  name,
  namespace,
  uid,
  creationTimestamp,
  generation,
  deletionTimestamp,
  managedFields,
  resourceVersion,
}: ObjectMeta) {
  return Object.fromEntries(
    Object.entries({
      name,
      namespace,
      uid,
      creationTimestamp,
      generation,
      deletionTimestamp,
      managedFields,
      resourceVersion,
    }).filter(([, value]) => value !== undefined),
  );
}

function expectName(name: string, { metadata }: KubernetesObject): void {
  if (metadata?.name !== undefined && metadata.name !== name)
    throw failure.badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}
