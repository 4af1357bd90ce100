import { Pods } from '../../../../src/ports/kinds.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import { keyOf } from '../api-server/store.ts';
import type { ControllerContext, OnChange } from './controller.ts';
import { nodesFor } from './nodes.ts';
import { HealthyStages, type PodFault, PodFaults, type PodStage } from './pod-stages.ts';

export interface PodRule {
  /** Looked at with every step of a pod, so a rule can come and go. */
  matches(pod: Pod): boolean;
  /** A fault, or an own stage. */
  stage: PodFault | PodStage;
}

/** Scheduler and kubelets of all nodes: takes every pod from stage to stage. */
export class Kubelet {
  readonly onChange: OnChange;
  readonly #context: ControllerContext;
  readonly #pending = new Map<string, { stage: PodStage; cancel: () => void }>();
  readonly #rules = new Set<PodRule>();
  #nextNode = 0;
  #nextIp = 1;
  #isFrozen = false;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.onChange = ({ kind, object, type }) => {
      if (kind.plural !== Pods.plural) return;
      const key = keyOf(object.metadata.name, object.metadata.namespace);
      if (type === 'DELETED') this.#cancel(key);
      else this.#plan(key, object as Pod);
    };
  }

  /** Adds a rule before the healthy stages; returns what removes it, after which affected pods go on. */
  addRule(rule: PodRule): () => void {
    this.#rules.add(rule);
    this.#planAll();
    return () => {
      this.#rules.delete(rule);
      this.#planAll();
    };
  }

  /** Nothing happens to any pod any more, as when every kubelet is stopped. */
  freeze(): void {
    this.#isFrozen = true;
    for (const key of [...this.#pending.keys()]) this.#cancel(key);
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#planAll();
  }

  #planAll(): void {
    for (const pod of this.#context.registry.store.list<Pod>(Pods)) {
      this.#plan(keyOf(pod.metadata.name, pod.metadata.namespace), pod);
    }
  }

  #plan(key: string, pod: Pod): void {
    const stage = this.#isFrozen ? undefined : this.#stageOf(pod);
    const planned = this.#pending.get(key);
    if (planned && planned.stage === stage) return;
    this.#cancel(key);
    if (!stage || !Number.isFinite(stage.delayMs)) return;
    const { clock, random } = this.#context;
    const cancel = clock.schedule(stage.delayMs + random.next() * stage.jitterMs, () => {
      this.#pending.delete(key);
      this.#perform(stage, pod.metadata.name, pod.metadata.namespace ?? '');
    });
    this.#pending.set(key, { stage, cancel });
  }

  #stageOf(pod: Pod): PodStage | undefined {
    const [terminate] = HealthyStages;
    if (terminate?.matches(pod)) return terminate;
    for (const rule of this.#rules) {
      const stage = typeof rule.stage === 'string' ? PodFaults[rule.stage] : rule.stage;
      if (!rule.matches(pod)) continue;
      if (stage.matches(pod)) return stage;
      // A fault that has happened holds the pod where it is.
      if (isHeldBy(rule.stage, pod)) return undefined;
    }
    const next = HealthyStages.find((stage) => stage.matches(pod));
    const hasPlace = pod.spec.nodeName || nodesFor(this.#context.registry, pod.spec).length > 0;
    return next && hasPlace ? next : undefined;
  }

  #perform(stage: PodStage, name: string, namespace: string): void {
    const { registry } = this.#context;
    const pod = registry.store.get<Pod>(Pods, name, namespace);
    if (!pod) return;
    const change = stage.next(pod, { now: registry.timestamp(), node: this.#pickNode(pod), podIP: this.#ip(pod) });
    if (change === 'gone') {
      if ((pod.metadata.finalizers ?? []).length === 0) registry.store.delete(Pods, name, namespace);
      return;
    }
    const spec = change.nodeName ? { ...pod.spec, nodeName: change.nodeName } : pod.spec;
    registry.store.put(Pods, { ...pod, spec, status: change.status });
  }

  /** Round robin, unless the pod already names its node as those of a DaemonSet do. */
  #pickNode({ spec }: Pod): string {
    if (spec.nodeName) return spec.nodeName;
    const nodes = nodesFor(this.#context.registry, spec);
    return nodes[this.#nextNode++ % Math.max(1, nodes.length)] ?? '';
  }

  #ip({ status }: Pod): string {
    if (status?.podIP) return status.podIP;
    const host = this.#nextIp++;
    return `10.${244 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`;
  }

  #cancel(key: string): void {
    this.#pending.get(key)?.cancel();
    this.#pending.delete(key);
  }
}

function isHeldBy(stage: PodRule['stage'], { status }: Pod): boolean {
  if (stage === 'unschedulable') return status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false;
  if (typeof stage === 'string' && /image-pull|crash-loop/.test(stage)) {
    return status?.containerStatuses?.some(({ state }) => state?.waiting !== undefined) ?? false;
  }
  return false;
}
