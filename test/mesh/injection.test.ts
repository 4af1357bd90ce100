import { describe, expect, it } from 'vitest';
import { isDeclined } from '../../src/mesh/injection.ts';

const inject = (value: string) => ({ 'sidecar.istio.io/inject': value });

/** As recorded from istiod: the cases "injection" of the contract suite. */
describe('isDeclined', () => {
  it.for([
    { what: 'a pod without label and annotation', declined: false },
    { what: 'a pod whose annotation declines injection', annotations: inject('false'), declined: true },
    { what: 'a pod whose label declines injection', labels: inject('false'), declined: true },
    {
      what: 'a pod whose label asks for injection, although its annotation declines it',
      labels: inject('true'),
      annotations: inject('false'),
      declined: false,
    },
    {
      what: 'a pod on the host network, even if its label asks for injection',
      labels: inject('true'),
      hostNetwork: true,
      declined: true,
    },
    {
      what: 'a pod in kube-system, even if its label asks for injection',
      labels: inject('true'),
      namespace: 'kube-system',
      declined: true,
    },
  ])(
    'returns $declined for $what',
    ({ declined, namespace = 'foo', labels = {}, annotations = {}, hostNetwork = false }) => {
      expect(isDeclined(namespace, { labels, annotations, hostNetwork })).toBe(declined);
    },
  );
});
