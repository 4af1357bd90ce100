import { defineError } from '../model/upgrade-error.ts';
import type { NetworkFailure } from '../network/network-failure.ts';

const untouched = 'Nothing was changed.';
const asItWas = 'Nothing was written by this request. The mesh is as the last recorded step left it.';

export const KubeconfigMissing = defineError({
  code: 'KUBECONFIG_MISSING',
  title: 'There is no kubeconfig.',
  cause: 'Neither --kubeconfig, nor KUBECONFIG, nor ~/.kube/config, nor a service account gives access to a cluster.',
  message: (looked: readonly string[]) => `No kubeconfig was found. Looked at: ${looked.join(', ')}.`,
  hint: 'Pass --kubeconfig, set KUBECONFIG, or run inside the cluster with a service account.',
  actor: 'workflow author',
  state: untouched,
  exit: 'usage',
  blames: 'person',
});

export const KubeconfigInvalid = defineError({
  code: 'KUBECONFIG_INVALID',
  title: 'The kubeconfig cannot be used.',
  cause: 'The file is not YAML of a kubeconfig, or a cluster, user or context that it refers to is absent.',
  message: (file: string, problem: string) => `The kubeconfig ${file} cannot be used: ${problem}.`,
  hint: 'Check it with `kubectl config view` and `kubectl version`.',
  actor: 'workflow author',
  state: untouched,
  exit: 'usage',
  blames: 'person',
});

export const ContextUnknown = defineError({
  code: 'CONTEXT_UNKNOWN',
  title: 'The kubeconfig has no such context.',
  cause: '--context names a context that the kubeconfig does not have, or the kubeconfig has no current context.',
  message: (context: string, _known: readonly string[]) =>
    context === ''
      ? 'The kubeconfig names no current context, and none was asked for.'
      : `The kubeconfig has no context "${context}".`,
  hint: (_context, known) => (known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has no context at all.'),
  actor: 'workflow author',
  state: untouched,
  exit: 'usage',
  blames: 'person',
  remedy: 'Name one of the contexts that `kubectl config get-contexts` lists.',
});

const reasons: Record<NetworkFailure['kind'], string> = {
  refused: 'the connection was refused',
  dns: 'its name could not be resolved',
  tls: 'the TLS handshake failed',
  timeout: 'it did not answer in time',
  reset: 'the connection was cut',
  network: 'the network failed',
};

const remedies: Record<NetworkFailure['kind'], string> = {
  refused: 'Check the address and port in the kubeconfig, and that the API server is up.',
  dns: 'Check the host name in the kubeconfig, and the DNS of the machine this runs on.',
  tls: "Check the kubeconfig's certificate-authority and client certificate, and that no proxy terminates TLS in between.",
  timeout:
    'Check firewalls and VPN between this machine and the API server; a private endpoint needs a runner inside the network.',
  reset: 'Check the load balancer in front of the API server, then run again.',
  network: 'Check the network between this machine and the API server, then run again.',
};

export const ClusterUnreachable = defineError({
  code: 'CLUSTER_UNREACHABLE',
  title: 'The API server cannot be reached.',
  cause:
    'The API server is down, or a firewall, VPN, proxy or DNS stands between it and this machine. Private endpoints need a runner inside their network.',
  message: (server: string, failure: NetworkFailure) =>
    `${server} cannot be reached: ${reasons[failure.kind]} (${failure.detail}).`,
  hint: (_server, failure) => remedies[failure.kind],
  actor: 'platform',
  state: asItWas,
  exit: 'unreachable',
  blames: 'surroundings',
  mayPass: true,
  remedy:
    'Try `kubectl get --raw /version` from the same machine; check address, DNS, firewall and certificates, then run again.',
  whileWriting: 'ends the run',
});

export const ClusterUnauthorized = defineError({
  code: 'CLUSTER_UNAUTHORIZED',
  title: 'The API server does not accept the credentials.',
  cause: 'The token or the client certificate has expired, or belongs to another cluster.',
  message: (server: string, answer: string) => `${server} does not accept our credentials: ${answer}.`,
  hint: 'The token or client certificate has expired or belongs to another cluster. Renew it; in a workflow, log in within the same job.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'unreachable',
  blames: 'person',
  whileWriting: 'ends the run',
});

export const ClusterCredentialsFailed = defineError({
  code: 'CLUSTER_CREDENTIALS_FAILED',
  title: "The kubeconfig's credentials could not be obtained.",
  cause: 'The exec plugin of the kubeconfig failed, or its token file cannot be read.',
  message: (user: string, problem: string) => `The credentials of user "${user}" could not be obtained: ${problem}.`,
  hint: 'Run the exec plugin or read the token file that the kubeconfig names, as the user that runs this tool.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'unreachable',
  blames: 'person',
  whileWriting: 'ends the run',
});

export const ClusterAnswerUnreadable = defineError({
  code: 'CLUSTER_ANSWER_UNREADABLE',
  title: 'The server that answers is not a Kubernetes API server.',
  cause: 'The address in the kubeconfig is the one of a login page, a proxy or another service.',
  message: (server: string, what: string, answer: string) =>
    `${server} answered ${what} with something that is not the Kubernetes API: ${answer}.`,
  hint: 'The server in the kubeconfig may be a login page or a proxy. Try `kubectl get --raw /version`.',
  actor: 'workflow author',
  state: asItWas,
  exit: 'unreachable',
  blames: 'person',
  whileWriting: 'ends the run',
});

export const ClusterForbidden = defineError({
  code: 'CLUSTER_FORBIDDEN',
  title: 'The API server does not allow a request.',
  cause: 'This user lost a right during the run, or a request needs a right that the check does not ask for.',
  message: (answer: string) => `The API server refused: ${answer}.`,
  hint: 'Grant the role of deploy/rbac.yaml; `istio-canary-upgrade check` names every right that is missing.',
  actor: 'mesh operator',
  state: asItWas,
  exit: 'unreachable',
  blames: 'person',
  whileWriting: 'ends the run',
});

export const ClusterRefused = defineError({
  code: 'CLUSTER_REFUSED',
  title: 'The API server did not carry out a request.',
  cause: 'The API server or an admission webhook answered with an error that a retry does not solve.',
  message: (answer: string) => `The API server answered: ${answer}.`,
  hint: 'Look at the API server and at the admission webhooks that its answer names, then run again.',
  actor: 'platform',
  state: asItWas,
  exit: 'unreachable',
  blames: 'surroundings',
  whileWriting: 'ends the run',
});

export const ClusterUnavailable = defineError({
  code: 'CLUSTER_UNAVAILABLE',
  title: 'The API server is overloaded, or not ready.',
  cause: 'It answered with 429 or a status from 500 on, for as long as a request was repeated.',
  message: (answer: string) => `The API server answered: ${answer}.`,
  hint: 'Look at the API server and its etcd, then run again.',
  actor: 'platform',
  state: asItWas,
  exit: 'unreachable',
  blames: 'surroundings',
  mayPass: true,
  whileWriting: 'ends the run',
});

export const ClusterOutcomeUnknown = defineError({
  code: 'CLUSTER_OUTCOME_UNKNOWN',
  title: 'A write was sent, but its answer was lost.',
  cause: 'The connection broke between a write and its answer.',
  message: (what: string) => `${what}.`,
  hint: 'Run again: the run reads the actual state from the cluster and resumes.',
  actor: 'platform',
  state: 'The write may have taken effect. The next run reads from the cluster whether it did.',
  exit: 'unreachable',
  blames: 'surroundings',
  mayPass: true,
  whileWriting: 'ends the run',
});
