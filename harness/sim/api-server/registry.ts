import type { KubernetesObject, ManagedFields, ObjectMeta } from '../../../src/kubernetes/objects.ts';
import type { Kind, Target } from '../../../src/kubernetes/port.ts';
import { nameSuffix, type Random, uuid } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { Catalog } from './catalog.ts';
import { initialStatus, withDefaults } from './defaults.ts';
import { fieldsOf } from './field-set.ts';
import { isMap, isSame } from './json.ts';
import { trackApply, trackUpdate, type Writer } from './managed-fields.ts';
import { applyOver, mergePatch, strategicMergePatch } from './patch.ts';
import type { Resource } from './resources.ts';
import * as failure from './status-failure.ts';
import type { Store } from './store.ts';

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

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

export interface PatchRequest {
  type: 'merge' | 'strategic-merge' | 'apply';
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
    const named = this.#named(resource, input);
    const { name, namespace } = named.metadata;
    this.#expectNamespace(resource, namespace);
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
    const { name, namespace, resourceVersion } = input.metadata;
    const live = this.get<T>(kind, name, namespace);
    if (!resourceVersion && !resource.allowsUnconditionalUpdate) {
      throw failure.invalid(
        resource,
        name,
        'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      );
    }
    return this.#commit(resource, live, this.#guarded(resource, live, input), options);
  }

  patch<T extends KubernetesObject>(kind: Kind, target: Target, request: PatchRequest, options: WriteOptions = {}): T {
    const resource = this.catalog.resolve(kind);
    if (!isMap(request.body)) throw failure.badRequest('the patch is not an object');
    if (request.type === 'apply') return this.#apply(resource, target, request, options) as T;
    const live = this.get<T>(kind, target.name, target.namespace);
    const merge = request.type === 'merge' || resource.isCustom ? mergePatch : strategicMergePatch;
    const patched = merge(live, request.body) as KubernetesObject;
    return this.#commit(resource, live, this.#guarded(resource, live, patched), options) as T;
  }

  /** A controller's own write of anything but the status. */
  edit<T extends KubernetesObject>(kind: Kind, target: Target, change: (live: T) => T): T {
    const live = this.get<T>(kind, target.name, target.namespace);
    return this.#commit(this.catalog.resolve(kind), live, change(live), {});
  }

  /** A controller's write of the status; nothing happens if it is what it was, or the object is gone. */
  writeStatus(kind: Kind, target: Target, status: object, manager = 'kube-controller-manager'): void {
    const live = this.store.get<WithStatus>(kind, target.name, target.namespace);
    if (!live || isSame(live.status, status)) return;
    const entries = live.metadata.managedFields ?? [];
    const isBooked = entries.some((entry) => entry.manager === manager && entry.subresource === 'status');
    const managedFields = isBooked
      ? entries
      : [...entries, { manager, operation: 'Update', subresource: 'status', time: this.timestamp() }];
    this.store.put(kind, { ...live, status, metadata: { ...live.metadata, managedFields } });
  }

  delete(kind: Kind, target: Target, options: DeleteOptions = {}): KubernetesObject {
    const resource = this.catalog.resolve(kind);
    const live = this.get<KubernetesObject>(kind, target.name, target.namespace);
    const { uid, resourceVersion } = options.preconditions ?? {};
    const { metadata } = live;
    if ((uid && uid !== metadata.uid) || (resourceVersion && resourceVersion !== metadata.resourceVersion)) {
      const [what, asked, is] = uid
        ? ['UID', uid, metadata.uid]
        : ['ResourceVersion', resourceVersion, metadata.resourceVersion];
      throw failure.conflict(
        resource,
        target.name,
        `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`,
      );
    }
    if (options.dryRun) return live;
    if (options.propagationPolicy === 'Orphan') this.#orphan(metadata.uid ?? '');
    const graceSeconds = this.#graceSeconds(resource, live, options);
    if (graceSeconds === 0 && (metadata.finalizers ?? []).length === 0 && resource.kind !== 'Namespace') {
      return this.store.delete(kind, target.name, target.namespace) ?? live;
    }
    if (metadata.deletionTimestamp && graceSeconds > 0) return live;
    const deletionTimestamp = `${new Date(this.#clock.now() + graceSeconds * 1000).toISOString().slice(0, 19)}Z`;
    const dying = { ...live, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds } };
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
      throw failure.badRequest(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      );
    const wanted = request.body as unknown as KubernetesObject;
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
    const next = this.#afterWrite(resource, live, wanted, options);
    const admitted = options.subresource ? next : this.#admit('UPDATE', resource, next, options.dryRun ?? false);
    if (isSame(unmanaged(live), unmanaged(admitted))) return live;
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
    if (!resource.hasGeneration || isSame(desired(live), desired(next))) return next;
    return { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 1) + 1 } };
  }

  #guarded(resource: Resource, live: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
    const { resourceVersion, uid } = wanted.metadata;
    const { name } = live.metadata;
    if (uid && uid !== live.metadata.uid) {
      throw failure.conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`,
      );
    }
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
      throw failure.invalid(resource, '', 'metadata.name: Required value: name or generateName is required');
    const given = name || `${generateName}${nameSuffix(this.#random)}`;
    return { ...input, metadata: { ...(generateName ? { generateName } : {}), ...rest, name: given } };
  }

  #expectNamespace(resource: Resource, namespace: string | undefined): void {
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
        `${resource.plural} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
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

  #graceSeconds({ kind }: Resource, live: KubernetesObject, { gracePeriodSeconds }: DeleteOptions): number {
    if (kind !== 'Pod') return 0;
    const { nodeName, terminationGracePeriodSeconds = 30 } =
      (live as { spec?: { nodeName?: string; terminationGracePeriodSeconds?: number } }).spec ?? {};
    return nodeName ? (gracePeriodSeconds ?? terminationGracePeriodSeconds) : 0;
  }

  #orphan(uid: string): void {
    for (const { kind, object } of this.store.dependents(uid)) {
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      this.store.put(kind, { ...object, metadata: { ...object.metadata, ownerReferences } });
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

/** What generations count: everything but metadata and status. */
function desired(object: WithStatus): object {
  const { metadata: _, status: __, ...rest } = object;
  return rest;
}

/** What decides whether a write changes anything. */
function unmanaged(object: KubernetesObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
