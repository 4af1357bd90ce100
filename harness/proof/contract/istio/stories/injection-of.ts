import type { Answer } from '../../backend.ts';
import { at } from '../../observation.ts';

const ProxyName = 'istio-proxy';

/** Who put which proxy into a pod, and how: `1-31-0 proxyv2:1.31.0 native, status 1-31-0`; `-` for a pod without one. */
export function injectionOf({ status, body }: Answer): string {
  if (status !== 201) return `${status} ${at(body, 'message')}`;
  const annotations = (at(body, 'metadata/annotations') ?? {}) as Record<string, string>;
  const native = container(body, 'initContainers');
  const ordinary = container(body, 'containers');
  const revision = annotations['istio.io/rev'];
  if (!native && !ordinary && revision === undefined) return '-';
  const shape = native ? `native(${at(native, 'restartPolicy')})` : ordinary ? 'container' : 'nothing';
  const image = String(at(native ?? ordinary, 'image')).replace('docker.io/istio/', '');
  const told = JSON.parse(annotations['sidecar.istio.io/status'] ?? '{}') as { revision?: string };
  return `${revision} ${image} ${shape}, status ${told.revision}`;
}

function container(pod: unknown, field: string): unknown {
  return ((at(pod, `spec/${field}`) ?? []) as unknown[]).find((one) => at(one, 'name') === ProxyName);
}
