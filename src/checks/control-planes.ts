import { type Finding, problem, warning } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';

/** The old istiod is whole and can be removed later by who installed it; every webhook has somebody to answer it. */
export function checkControlPlanes(
  { controlPlanes, webhooks }: Pick<World, 'controlPlanes' | 'webhooks'>,
  { from }: Plan,
): readonly Finding[] {
  return [...checkOld(controlPlanes, from), ...checkWholeness(controlPlanes), ...checkDeadWebhooks(webhooks)];
}

function checkOld(controlPlanes: World['controlPlanes'], from: string): readonly Finding[] {
  const old = controlPlanes.get(from);
  if (old?.deployment === undefined) return [];
  const findings: Finding[] = [];
  if (old.deployment.ready < 1)
    findings.push(
      problem(
        'CONTROL_PLANE_NOT_READY',
        `istiod ${from} has no ready replica.`,
        'Repair it first: it is the way back.',
        [old.deployment.name],
      ),
    );
  if (!old.isOwnedByInstaller)
    findings.push(
      warning(
        'NOT_INSTALLED_BY_ISTIOCTL',
        `istiod ${from} was not installed by istioctl; its uninstall would say "complete" and remove nothing (istio/istio#55091).`,
        'Stage 8 will stop before it: remove the old revision with the tool that installed it.',
        [old.deployment.name],
      ),
    );
  return findings;
}

/** istioctl panics when it finds a revision's Service and no injector. */
function checkWholeness(controlPlanes: World['controlPlanes']): readonly Finding[] {
  const halves = [...controlPlanes.values()].filter(
    ({ service, injector }) => (service === undefined) !== (injector === undefined),
  );
  return halves.map(({ revision, injector }) =>
    problem(
      'CONTROL_PLANE_INCOMPLETE',
      `Revision ${revision} has ${injector === undefined ? 'a Service but no injector webhook' : 'an injector webhook but no Service'}; istioctl cannot work with it.`,
      'Reinstall that revision or remove what is left of it.',
      [revision],
    ),
  );
}

/** A webhook with failurePolicy Fail and nobody behind it stops every pod that it selects. */
function checkDeadWebhooks(webhooks: World['webhooks']): readonly Finding[] {
  const dead = webhooks.filter(
    ({ service }) => service !== undefined && (!service.exists || service.readyEndpoints === 0),
  );
  if (dead.length === 0) return [];
  const objects = [
    ...new Set(dead.map(({ kind, configuration, service }) => `${kind} ${configuration} -> ${service?.name ?? '?'}`)),
  ];
  return [
    problem(
      'WEBHOOK_DEAD',
      `${objects.length === 1 ? 'A webhook calls' : `${objects.length} webhooks call`} an istiod that does not answer; pods or configuration are refused there.`,
      'Remove the webhook configuration or bring its istiod back.',
      objects,
    ),
  ];
}
