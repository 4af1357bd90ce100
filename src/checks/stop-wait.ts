import type { PodTemplate, PreStop } from '../ports/objects.ts';
import { isSidecarContainer } from '../workloads/sidecar-containers.ts';

/**
 * Whether its pods wait between the decision to stop them and the end of the app, as far as the template tells; an app that
 * continues to serve after SIGTERM waits too. A gateway has no app: what its restart loses depends on the load balancer before it.
 */
export function waitsBeforeItStops({ spec }: PodTemplate): boolean {
  const apps = spec.containers.filter(({ name }) => !isSidecarContainer(name));
  return apps.length === 0 || apps.some(({ lifecycle }) => isWait(lifecycle?.preStop));
}

/** How long a command or a request takes is not known; most are there in order to wait. */
const isWait = (hook: PreStop | undefined): boolean =>
  hook !== undefined && (hook.sleep === undefined || hook.sleep.seconds > 0);
