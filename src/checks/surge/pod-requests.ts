import type { Container, PodTemplate } from '../../ports/objects.ts';
import { type Amounts, parseQuantity, plus } from './quantity.ts';

/** What Istio's charts request for a proxy by default. */
const usualProxy: Amounts = { cpu: 0.1, memory: 128 * 2 ** 20 };

/** What one pod of this template requests of its node, with the proxy that the injector adds. An amount that cannot be parsed counts as zero. */
export function podRequests({ metadata, spec }: PodTemplate, injected: boolean): Amounts {
  const inits = spec.initContainers ?? [];
  const isLasting = ({ restartPolicy }: Container) => restartPolicy === 'Always';
  const lasting = [...spec.containers, ...inits.filter(isLasting)];
  const proxy = lasting.find(({ name }) => name === 'istio-proxy');
  const asked = lasting.filter((each) => !injected || each !== proxy).map(requestsOf);
  const running = (injected ? [...asked, proxyRequests(metadata?.annotations ?? {}, proxy)] : asked).reduce(plus, {
    cpu: 0,
    memory: 0,
  });
  // Init containers run before the others, one after the other.
  const preparing = inits.filter((each) => !isLasting(each)).map(requestsOf);
  return {
    cpu: Math.max(running.cpu, ...preparing.map(({ cpu }) => cpu)),
    memory: Math.max(running.memory, ...preparing.map(({ memory }) => memory)),
  };
}

function proxyRequests(annotations: Readonly<Record<string, string>>, proxy: Container | undefined): Amounts {
  const written = proxy?.resources?.requests ?? {};
  const read = (text: string | undefined) => (text === undefined ? undefined : parseQuantity(text));
  return {
    cpu: read(annotations['sidecar.istio.io/proxyCPU']) ?? read(written['cpu']) ?? usualProxy.cpu,
    memory: read(annotations['sidecar.istio.io/proxyMemory']) ?? read(written['memory']) ?? usualProxy.memory,
  };
}

function requestsOf({ resources }: Container): Amounts {
  const { cpu = '0', memory = '0' } = resources?.requests ?? {};
  return { cpu: parseQuantity(cpu) ?? 0, memory: parseQuantity(memory) ?? 0 };
}
