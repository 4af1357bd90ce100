import { Namespaces, Pods } from '../../../../src/ports/kinds.ts';
import type { Container, Pod } from '../../../../src/ports/objects.ts';
import type { Admission, Registry } from './registry.ts';
import { StatusFailure } from './status-failure.ts';

const EnforceLabel = 'pod-security.kubernetes.io/enforce';
const Levels: ReadonlySet<string> = new Set(['baseline', 'restricted']);

/** What a container may add at the level `baseline`. */
const DefaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** PodSecurity, of which the capabilities and the host's network are simulated; `restricted` is treated like `baseline`. */
export function podSecurity(registry: Registry): Admission {
  return ({ operation, resource, namespace = '', object }) => {
    if (operation !== 'CREATE' || resource.plural !== Pods.plural) return object;
    const level = registry.store.get(Namespaces, namespace)?.metadata.labels?.[EnforceLabel] ?? '';
    const violations = Levels.has(level) ? violationsOf(object as Pod) : [];
    if (violations.length === 0) return object;
    const { name } = object.metadata;
    throw new StatusFailure(
      403,
      'Forbidden',
      `pods "${name}" is forbidden: violates PodSecurity "${level}:latest": ${violations.join(', ')}`,
      { name, kind: 'pods' },
    );
  };
}

function violationsOf({ spec }: Pod): readonly string[] {
  const added = [...(spec.initContainers ?? []), ...spec.containers].flatMap((container) => {
    const beyond = capabilitiesOf(container).filter((name) => !DefaultCapabilities.has(name));
    return beyond.length === 0
      ? []
      : [
          `container "${container.name}" must not include ${beyond.map((name) => JSON.stringify(name)).join(', ')} in securityContext.capabilities.add`,
        ];
  });
  return [
    ...(spec.hostNetwork === true ? ['host namespaces (hostNetwork=true)'] : []),
    ...(added.length === 0 ? [] : [`non-default capabilities (${added.join(', ')})`]),
  ];
}

const capabilitiesOf = ({ securityContext }: Container): readonly string[] => securityContext?.capabilities?.add ?? [];
