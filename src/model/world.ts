import type { Configurations } from './configuration.ts';
import type { JudgedEvidence } from './evidence.ts';
import type { Finding, Problem } from './finding.ts';
import type { IstioFinding } from './istio-finding.ts';
import type { JournalState } from './journal.ts';
import type { KubernetesObject, LabelSelector } from './kubernetes-object.ts';
import type { Manifest, ManifestObject } from './manifest-object.ts';
import type { Marks } from './marks.ts';
import type { Owner } from './owner.ts';
import type { TagPart } from './plan.ts';
import type { PodChange } from './pod-change.ts';
import type { RestartMark } from './restart-mark.ts';
import type { Revision } from './revision.ts';
import type { Rollout } from './rollout.ts';
import type { Sight } from './sight.ts';
import type { WorkloadKind } from './workload-kind.ts';

/**
 * One immutable snapshot of what matters. Each key is an aspect: a stage names those it looks at and is given just these,
 * so that costly looks (dry-run pods, connected proxies, metrics) happen only when a stage asks.
 */
export interface World {
  /** What is known of the cluster itself. */
  identity: { clusterUid: string; kubernetesVersion: string };
  controlPlanes: ReadonlyMap<Revision, ControlPlane>;
  /** Every webhook that admits pods or Istio's configuration, one entry each. */
  webhooks: readonly AdmissionWebhook[];
  tags: ReadonlyMap<string, readonly TagObject[]>;
  namespaces: ReadonlyMap<string, NamespaceState>;
  workloads: readonly Workload[];
  /** Mesh pods that no restart reaches: bare pods, Jobs, kinds that we do not know. */
  loosePods: readonly LoosePod[];
  /** Pods of unfinished rollouts that cannot get ready, from their full objects; asked once the stage has stood still for seconds. */
  troubles: readonly Trouble[] | NotAsked;
  /** Workloads that follow the tag and have fewer ready pods than they want. */
  unhealthy: readonly Unhealthy[];
  /** What a pod created now would get, asked of the API server by a dry run in each namespace class. */
  injections: readonly Injection[];
  /** The same, asked only once everything else allows the removal of `from`. */
  finalInjections: readonly Injection[] | NotAsked;
  /**
   * Whether pods of each class are admitted with the sidecar of `to`. Before the tag moves all classes are asked, afterwards those
   * whose dry-run pods are refused; not asked without an istiod that injects it.
   */
  prospects: readonly Comparison[] | NotAsked;
  /** What the sidecar of `to` changes in the pods of each class; not asked once the tag names it, and in a rollback. */
  podChanges: readonly PodChange[] | NotAsked;
  /** The same as `prospects` of workloads whose controllers say that their pods are refused, or whose pods are missing; empty when there are none. */
  refusals: readonly Comparison[];
  /** What `install` would apply. */
  manifest: Manifest;
  /** Everything that refers to `to`; asked when this tool installed its istiod and it is not what the config asks for. */
  targetUse: References | NotAsked;
  /** The newest release that the labels of Istio's CRDs name; `undefined` when none does. `owner`: of the CRDs of that release. */
  definitions: { release: string | undefined; owner?: Owner | undefined };
  /** Not asked where the new istiod is not installed and istioctl cannot preview it, which `findings` say. */
  configurations: Configurations | NotAsked;
  /** What istioctl, RBAC, Prometheus and the rest of the world say before anything is touched. */
  findings: readonly Finding[];
  /** What the gate would see of each wave; not asked if Prometheus does not answer, which `findings` say. */
  sight: Sight | NotAsked;
  /** Not asked where the rights or the release of istioctl are wrong, which `findings` say. */
  istioFindings: readonly IstioFinding[] | NotAsked;
  /** Who else depends on `from`; not asked where the rights or the release of istioctl are wrong, which `findings` say. */
  dependents: Dependents | NotAsked;
  /** Everything that still refers to `from`, by consistent reads. */
  usage: Usage;
  /** What an interrupted uninstall of `from` left behind, by label; asked once the removal has begun. */
  leftovers: readonly ManifestObject[] | NotAsked;
  /** The judgement of the gate on the wave that waits for its verdict and on those before it; the same list until the next scrape. */
  judged: readonly JudgedEvidence[];
  /** What the journal keeps: times and verdicts that cannot be read from the cluster. */
  marks: Marks;
  /** The API server's clock, Unix milliseconds. */
  now: number;
  /** For how long the current stage's shortfalls have been the same, in milliseconds. */
  unchangedForMs: number;
  /** The same for each shortfall, by what it is about. */
  stillFor: ReadonlyMap<string, number>;
  /** Workloads that the walk waits for no more, by id, each with why. */
  setAside: ReadonlyMap<string, Problem>;
}

export type Aspect = keyof World;

/** Of an aspect that costs much and is not due yet: it says nothing, and never that there is none. */
type NotAsked = typeof notAsked;

export const notAsked = 'not-asked';

export interface ControlPlane {
  revision: Revision;
  /** From the image; `undefined` when the image does not say. */
  version: string | undefined;
  /** `unavailableSince`: by the API server's clock, Unix milliseconds; absent while it is available. */
  deployment: { name: string; desired: number; ready: number; unavailableSince?: number } | undefined;
  service: { name: string; readyEndpoints: number } | undefined;
  injector: { name: string; hasCaBundle: boolean } | undefined;
  /** Of its Deployment: only this tool can remove the istiod (istio/istio#55091). */
  owner: Owner | undefined;
  /** Of its injector. */
  injectorOwner: Owner | undefined;
}

export interface AdmissionWebhook {
  configuration: string;
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  name: string;
  /** `istio.io/tag` of the configuration. */
  tag: string | undefined;
  service: { namespace: string; name: string; exists: boolean; readyEndpoints: number } | undefined;
  revision: Revision | undefined;
  failurePolicy: string;
  hasCaBundle: boolean;
  namespaceSelector: LabelSelector | undefined;
  objectSelector: LabelSelector | undefined;
  injects: boolean;
}

export interface TagObject {
  kind: TagPart;
  name: string;
  /** What it points at; several joined by `+` when its own parts disagree. */
  revision: Revision | undefined;
  managers: readonly string[];
  owner: Owner | undefined;
  /** To put it back without istioctl. */
  object: KubernetesObject;
}

export interface NamespaceState {
  name: string;
  labels: Readonly<Record<string, string>>;
  managers: readonly string[];
  /** Left out when no mark tells. */
  owner?: Owner;
  terminating: boolean;
}

export interface Workload {
  kind: WorkloadKind;
  namespace: string;
  name: string;
  /** `Deployment foo/foo` */
  id: string;
  rollout: Rollout;
  /** The tag or revision whose webhook injects its pods; `undefined` when it is not in the mesh. */
  follows: Selection | undefined;
  /** Live pods (not finished, not terminating) by the revision that injected them; `none` for those without a sidecar. */
  pods: ReadonlyMap<Revision | 'none', number>;
  podNames: ReadonlyMap<Revision | 'none', readonly string[]>;
  /** The last restart that we made, by our mark on it. */
  restartedBy: RestartMark | undefined;
  isGateway: boolean;
  /** Fixed image in the template: a restart changes nothing (gateways made by istioctl). */
  hasFixedProxy: boolean;
  pinnedImage: string | undefined;
  /** Why a restart is not possible or would not move its pods. */
  unrestartable: string | undefined;
  /** Why no pod of it serves for a moment while it restarts. */
  down: string | undefined;
  /** `hash`: of the whole template but for restarts. */
  template: {
    labels: Readonly<Record<string, string>>;
    annotations: Readonly<Record<string, string>>;
    hash: string;
  };
  selector: LabelSelector | undefined;
}

/** The webhook that picks a pod. */
export interface Selection {
  tag: string | undefined;
  revision: Revision | undefined;
  /** More than one webhook picks the same pod: it would be injected twice. */
  configurations: readonly string[];
}

export interface LoosePod {
  namespace: string;
  name: string;
  revision: Revision;
  reason: string;
}

/**
 * `starting`: a pod cannot; `unready`: it runs and is not ready; `waiting`: no node has room for it; `node-lost`: its node does not
 * report; `ending`: a pod does not; `missing`: a pod is not made, and nothing of the old one is in its place.
 */
export interface Trouble {
  what: 'starting' | 'unready' | 'waiting' | 'node-lost' | 'ending' | 'missing';
  workload: string;
  /** Empty for what is missing. */
  pod: string;
  /** Of the pod. */
  revision: Revision | 'none';
  /** Of a pod that cannot start or is not ready: the container, its restarts, and whether a pod of the same workload with another proxy has the same trouble. */
  container?: { name: string; failedBefore: boolean; restarts: number };
  reason: string;
  message: string;
  /** How long it has been so, by the cluster's clock, in milliseconds; 0 where it is not known. */
  forMs: number;
}

export interface Unhealthy {
  /** Its id. */
  workload: string;
  desired: number;
  ready: number;
  /** What keeps its first pod from being ready; empty when that is not known. */
  why: string;
}

/** What the API server answers to a dry-run pod. */
export type PodAnswer =
  | { revision: Revision | 'none' }
  /** The injector did not answer; or a policy, PodSecurity or another webhook refuses the pod. */
  | { refused: string; by: 'injector' | 'admission' }
  /** Nothing is learned of the pod: its namespace is at its quota or ends, or the workload is gone. */
  | { passedOver: string }
  /** No answer that says anything of the pod. */
  | { unknown: string };

/** One workload whose template was tried. */
export interface Witness {
  namespace: string;
  workload: string;
  outcome: PodAnswer;
}

/** The answer for a class of workloads: what one of them is told, and those that were asked besides. */
export interface Injection extends Witness {
  others: readonly Witness[];
}

/** What dry-run pods of one workload are told with the sidecar of each revision of the plan. */
export interface Comparison {
  namespace: string;
  workload: string;
  to: PodAnswer;
  /** Asked only when `to` is refused by admission. */
  from: PodAnswer | NotAsked;
  /** Others of its class with the sidecar of `to`; asked when only that one is refused. */
  others: readonly Witness[];
}

export interface References {
  references: readonly Reference[];
  /** What could not be read. Unknown means in use. */
  unknown: readonly string[];
}

export interface Usage extends References {
  /** What `uninstall` would remove, from its dry run. */
  removal: readonly ManifestObject[];
}

export interface Reference {
  what:
    | 'tag'
    | 'validator'
    | 'namespace label'
    | 'pod label'
    | 'live pod'
    | 'gateway'
    | 'configuration'
    | 'connected proxy'
    | 'proxy without a pod'
    | 'unfinished upgrade';
  name: string;
}

export interface Dependents {
  /** Connected proxies, `pod.namespace`, that are not a pod of this cluster: on virtual machines, in remote clusters. */
  proxies: readonly string[];
  /** Of other tags, whatever their revisions. */
  upgrades: readonly OtherUpgrade[];
  /** What could not be read. */
  unknown: readonly string[];
}

/** The unfinished upgrade of another tag. */
export interface OtherUpgrade {
  tag: string;
  from: Revision;
  to: Revision;
  state: JournalState;
  /** The code of the problem that holds it. */
  heldBy?: string;
}
