/** The parts of Kubernetes objects that this project reads. Lists and status are as the API server sends them. */
import type { KubernetesObject, LabelSelector, ObjectMeta } from '../model/kubernetes-object.ts';

export interface Container {
  name: string;
  image?: string;
  env?: { name: string; value?: string }[];
  resources?: { requests?: Record<string, string> };
  restartPolicy?: string;
  volumeMounts?: { name: string }[];
  securityContext?: { capabilities?: { add?: string[] } };
  lifecycle?: { preStop?: PreStop };
}

/** What happens in a container before it gets SIGTERM. */
export interface PreStop {
  sleep?: { seconds: number };
  exec?: object;
  httpGet?: object;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string; persistentVolumeClaim?: { claimName: string } }[];
  hostNetwork?: boolean;
  serviceAccountName?: string;
  /** The older name of `serviceAccountName`. */
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name?: string }[];
  nodeName?: string;
  readinessGates?: object[];
  /** Of its PriorityClass; set by the API server. */
  priority?: number;
}

export interface PodTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: PodSpec;
  /** Not of Kubernetes: the hash of the whole template, where the rest is shortened. */
  hash?: string;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string; message?: string }; running?: { startedAt?: string } };
}

export interface Pod extends KubernetesObject {
  spec: PodSpec;
  status?: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
    podIP?: string;
    reason?: string;
    message?: string;
  };
}

export interface Namespace extends KubernetesObject {
  status?: { phase?: string };
}

/** Every kind of workload in one shape; each sets the fields that it has. */
export interface WorkloadObject extends KubernetesObject {
  spec: {
    replicas?: number;
    paused?: boolean;
    selector?: LabelSelector;
    template: PodTemplate;
    minReadySeconds?: number;
    strategy?: {
      type?: string;
      rollingUpdate?: Limits;
      canary?: Limits & { steps?: { pause?: object }[] };
      blueGreen?: Limits;
    };
    updateStrategy?: {
      type?: string;
      rollingUpdate?: Limits & { partition?: number };
    };
    /** Of a StatefulSet: each of its pods gets a volume for each of them. */
    volumeClaimTemplates?: { metadata: { name: string } }[];
    /** Of a Rollout: its controller evicts the pods created before this moment. */
    restartAt?: string | null;
    /** Of a Rollout: the object that holds its pod template. */
    workloadRef?: { apiVersion: string; kind: string; name: string; scaleDown?: string };
  };
  status?: {
    /** A Rollout gives it as text: compare it by `isUnseen` of src/workloads. */
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    unavailableReplicas?: number;
    currentReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberReady?: number;
    numberAvailable?: number;
    currentNumberScheduled?: number;
    /** Of a Rollout: the newest `restartAt` that is done. */
    restartedAt?: string | null;
    conditions?: Condition[];
  };
}

interface Limits {
  maxUnavailable?: number | string;
  maxSurge?: number | string;
}

export interface Service extends KubernetesObject {
  spec?: { selector?: Record<string, string>; ports?: { name?: string; port: number }[]; clusterIP?: string };
}

export interface EndpointSlice extends KubernetesObject {
  endpoints?: { addresses?: string[]; conditions?: { ready?: boolean } }[];
}

export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
  /** In base64. */
  binaryData?: Record<string, string>;
}

/** Times are RFC 3339 with microseconds. */
export interface Lease extends KubernetesObject {
  spec: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  operations?: string[];
  apiVersions?: string[];
}

export interface Webhook {
  name: string;
  clientConfig: {
    service?: { name: string; namespace: string; path?: string; port?: number };
    url?: string;
    caBundle?: string;
  };
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
  failurePolicy?: string;
  rules?: Rule[];
}

export interface WebhookConfiguration extends KubernetesObject {
  webhooks?: Webhook[];
}

/** Which requests a policy is about: those that match one rule and both selectors. */
export interface MatchResources {
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
  resourceRules?: Rule[];
}

export interface AdmissionPolicy extends KubernetesObject {
  spec?: { matchConstraints?: MatchResources };
}

export interface AdmissionPolicyBinding extends KubernetesObject {
  spec?: { matchResources?: MatchResources };
}

export interface PodDisruptionBudget extends KubernetesObject {
  spec: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { disruptionsAllowed?: number };
}
