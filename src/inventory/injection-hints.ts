type Labels = Readonly<Record<string, string>>;

const yesOrNo = /^(?:true|false)$/;
const name = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const quantity = /^[0-9]{1,6}(?:\.[0-9]{1,3})?(?:m|Ki|Mi|Gi)?$/;

/** For each key the only values that are kept: other text under a known key could be a secret. */
const known: Readonly<Record<string, RegExp>> = {
  'istio-injection': /^(?:enabled|disabled)$/,
  'istio.io/rev': name,
  'istio.io/dataplane-mode': /^(?:ambient|none)$/,
  'sidecar.istio.io/inject': yesOrNo,
  'inject.istio.io/templates': /^[a-z]{1,20}(?:,[a-z]{1,20}){0,3}$/,
  'sidecar.istio.io/proxyCPU': quantity,
  'sidecar.istio.io/proxyMemory': quantity,
  'sidecar.istio.io/nativeSidecar': yesOrNo,
  'pod-security.kubernetes.io/enforce': /^(?:privileged|baseline|restricted)$/,
  'pod-security.kubernetes.io/audit': /^(?:privileged|baseline|restricted)$/,
  'pod-security.kubernetes.io/warn': /^(?:privileged|baseline|restricted)$/,
};

/** The labels or annotations that decide about injection, without any other information. */
export function injectionHints(all: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => known[key]?.test(value) === true));
}
