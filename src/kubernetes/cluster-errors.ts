import { defineError } from '../model/upgrade-error.ts';
import type { NetworkFailure } from '../network/network-failure.ts';

const untouched = 'We touched nothing.';
const asItWas = 'Nothing was written by this request. The mesh is as the last recorded step left it.';

export const KubeconfigMissing = defineError({
  code: 'KUBECONFIG_MISSING',
  title: 'There is no kubeconfig.',
  message: (looked: readonly string[]) => `No kubeconfig was found. Looked at: ${looked.join(', ')}.`,
  hint: 'Pass --kubeconfig, set KUBECONFIG, or run inside the cluster with a service account.',
  actor: 'workflow author',
  state: untouched,
});

export const KubeconfigInvalid = defineError({
  code: 'KUBECONFIG_INVALID',
  title: 'The kubeconfig cannot be used.',
  message: (file: string, problem: string) => `The kubeconfig ${file} cannot be used: ${problem}.`,
  hint: 'Check it with `kubectl config view` and `kubectl version`.',
  actor: 'workflow author',
  state: untouched,
});

export const ContextUnknown = defineError({
  code: 'CONTEXT_UNKNOWN',
  title: 'The kubeconfig has no such context.',
  message: (context: string, _known: readonly string[]) =>
    context === ''
      ? 'The kubeconfig names no current context, and none was asked for.'
      : `The kubeconfig has no context "${context}".`,
  hint: (_context, known) => (known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has no context at all.'),
  actor: 'workflow author',
  state: untouched,
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
  message: (server: string, failure: NetworkFailure) =>
    `${server} cannot be reached: ${reasons[failure.kind]} (${failure.detail}).`,
  hint: (_server, failure) => remedies[failure.kind],
  actor: 'platform',
  state: asItWas,
});

export const ClusterUnauthorized = defineError({
  code: 'CLUSTER_UNAUTHORIZED',
  title: 'The API server does not accept the credentials.',
  message: (server: string, answer: string) => `${server} does not accept our credentials: ${answer}.`,
  hint: 'The token or client certificate has expired or belongs to another cluster. Renew it; in a workflow, log in within the same job.',
  actor: 'workflow author',
  state: asItWas,
});

export const ClusterCredentialsFailed = defineError({
  code: 'CLUSTER_CREDENTIALS_FAILED',
  title: "The kubeconfig's credentials could not be obtained.",
  message: (user: string, problem: string) => `The credentials of user "${user}" could not be obtained: ${problem}.`,
  hint: 'Run the exec plugin or read the token file that the kubeconfig names, as the user that runs this tool.',
  actor: 'workflow author',
  state: asItWas,
});

export const ClusterAnswerUnreadable = defineError({
  code: 'CLUSTER_ANSWER_UNREADABLE',
  title: 'The answer is not one of a Kubernetes API server.',
  message: (server: string, what: string, answer: string) =>
    `${server} answered ${what} with something that is not the Kubernetes API: ${answer}.`,
  hint: 'The server in the kubeconfig may be a login page or a proxy. Try `kubectl get --raw /version`.',
  actor: 'workflow author',
  state: asItWas,
});

export const RbacMissing = defineError({
  code: 'RBAC_MISSING',
  title: 'This user may not do what the verb needs.',
  message: (denied: readonly string[]) => `This user may not ${denied.join(', ')}.`,
  hint: 'Grant the role of deploy/rbac.yaml to it.',
  actor: 'mesh operator',
  state: untouched,
});

export const ClusterForbidden = defineError({
  code: 'CLUSTER_FORBIDDEN',
  title: 'The API server does not allow a request.',
  message: (answer: string) => `The API server refused: ${answer}.`,
  hint: 'Grant the role of deploy/rbac.yaml; `istio-canary-upgrade check` names every right that is missing.',
  actor: 'mesh operator',
  state: asItWas,
});

export const ClusterRefused = defineError({
  code: 'CLUSTER_REFUSED',
  title: 'The API server did not carry out a request.',
  message: (answer: string) => `The API server answered: ${answer}.`,
  hint: 'Look at the API server and at the admission webhooks that its answer names, then run again.',
  actor: 'platform',
  state: asItWas,
});

export const ClusterOutcomeUnknown = defineError({
  code: 'CLUSTER_OUTCOME_UNKNOWN',
  title: 'A write was sent and its answer got lost.',
  message: (what: string) => `${what}.`,
  hint: 'Run again: the run reads from the cluster what came about, and goes on from there.',
  actor: 'platform',
  state: 'The write may have taken effect. What it did is read back by the next run.',
});
