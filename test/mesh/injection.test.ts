import { describe, expect, it } from 'vitest';
import { isDeclined } from '../../src/mesh/injection.ts';

const wish = (value: string) => ({ 'sidecar.istio.io/inject': value });

/** As recorded from istiod: the cases "injection" of the contract suite. */
describe('isDeclined', () => {
  it.for([
    { what: 'a pod that says nothing', declined: false },
    { what: 'an annotation that refuses', annotations: wish('false'), declined: true },
    { what: 'a label that refuses', labels: wish('false'), declined: true },
    {
      what: 'a label that asks, against an annotation',
      labels: wish('true'),
      annotations: wish('false'),
      declined: false,
    },
    { what: 'the network of the host, whoever asks', labels: wish('true'), hostNetwork: true, declined: true },
    { what: 'a namespace of the system, whoever asks', labels: wish('true'), namespace: 'kube-system', declined: true },
  ])(
    'says $declined for $what',
    ({ declined, namespace = 'foo', labels = {}, annotations = {}, hostNetwork = false }) => {
      expect(isDeclined(namespace, { labels, annotations, hostNetwork })).toBe(declined);
    },
  );
});
