import type { IstioctlArguments } from './istioctl-arguments.ts';
import { failed, type Output, succeeded } from './istioctl-command.ts';
import { IstioNamespace } from './names.ts';
import { clientVersion } from './version-command.ts';

interface Asked {
  verb?: 'get';
  resource: string;
  group: string;
  namespace?: string;
  /** Of the one object, where not all are listed. */
  name?: string;
  /** What the command says around the refusal. */
  tell(refusal: string, own: string, args: IstioctlArguments): Output;
}

const plain = (refusal: string) => failed(refusal);
const after = (words: string) => (refusal: string) => failed(`${words}${refusal}`);
const services = { resource: 'services', group: '', namespace: IstioNamespace };
const webhooks = { resource: 'mutatingwebhookconfigurations', group: 'admissionregistration.k8s.io' };
const pods = { resource: 'pods', group: '', namespace: IstioNamespace };

/** The first thing that each command lists. */
const FirstAsked: Readonly<Record<string, Asked>> = {
  'x precheck': { resource: 'customresourcedefinitions', group: 'apiextensions.k8s.io', tell: plain },
  'tag list': { ...webhooks, tell: after('failed to retrieve revision tags: failed to retrieve revision tags: ') },
  'tag set': { ...services, tell: plain },
  'tag generate': { ...services, tell: plain },
  'tag remove': { ...services, tell: plain },
  uninstall: { ...webhooks, tell: after('could not list revisions: error while listing mutating webhooks: ') },
  version: {
    ...pods,
    tell: (refusal, own, args) =>
      succeeded(clientVersion(own, args), `Istio is not present in the cluster: unable to retrieve Pods: ${refusal}\n`),
  },
  analyze: { verb: 'get', resource: 'namespaces', group: '', namespace: 'default', name: 'default', tell: plain },
  'proxy-status': { ...pods, tell: after('unable to retrieve Pods: ') },
};

/** What a command of the release `own` says to a user without any right: 31-precheck-findings. */
export function forbidden(command: string, user: string, own: string, args: IstioctlArguments): Output {
  const asked = FirstAsked[command];
  if (!asked) return failed(`not simulated: ${command} without rights`, 64);
  const { verb = 'list', resource, group, namespace, name, tell } = asked;
  const kind = group === '' ? resource : `${resource}.${group}`;
  const what = name === undefined ? kind : `${kind} "${name}"`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const action = `cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`;
  return tell(`${what} is forbidden: User "${user}" ${action}`, own, args);
}
