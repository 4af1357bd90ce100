import { Pods } from '../../../../src/ports/kinds.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import type { Registry } from './registry.ts';
import { StatusFailure } from './status-failure.ts';

export interface PodPolicy {
  name: string;
  /** Which pods, as they come out of all webhooks, it lets pass. */
  allows: (pod: Pod) => boolean;
  /** What it says of the others. */
  message: string;
}

/**
 * A policy about new pods, refused in the words of a ValidatingAdmissionPolicy that is bound under its own name. Its condition is a
 * function: CEL is not simulated.
 * @returns a function that takes the policy away
 */
export function addPodPolicy(registry: Registry, { name, allows, message }: PodPolicy): () => void {
  let isBound = true;
  registry.useAdmission(({ operation, resource, object }) => {
    if (!isBound || operation !== 'CREATE' || resource.plural !== Pods.plural || allows(object as Pod)) return object;
    const pod = object.metadata.name;
    throw new StatusFailure(
      422,
      'Invalid',
      `pods "${pod}" is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: ${message}`,
      { name: pod, kind: 'pods' },
    );
  });
  return () => {
    isBound = false;
  };
}

/** As the policy that kyverno/policies#319 is about. */
export const podsNeedAnOwner: PodPolicy = {
  name: 'pods-need-an-owner',
  allows: ({ metadata }) => (metadata.ownerReferences ?? []).length > 0,
  message: 'pods must be made by a controller',
};
