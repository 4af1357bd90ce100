import { isOnlySkipped } from '../mesh/only-skipped.ts';
import { isOurs } from '../mesh/own-install.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

export const ControlPlaneNotReady = defineFinding({
  code: 'CONTROL_PLANE_NOT_READY',
  severity: 'blocks',
  title: 'An istiod that this step needs is not ready.',
  cause:
    'Its Deployment, Service, endpoints or webhook is absent or not ready: the pods crash, cannot be scheduled, or were scaled to zero.',
  fix: 'Repair that istiod until it is ready, then run again.',
  blames: 'release',
});

const OldControlPlaneNotReady = defineFinding({
  code: 'OLD_CONTROL_PLANE_NOT_READY',
  severity: 'blocks',
  title: 'The old istiod has no ready replica.',
  cause: 'Its pods crash, cannot be scheduled, or were scaled to zero. A rollback would need it.',
  fix: 'Repair that istiod until one replica is ready, then run again.',
  blames: 'surroundings',
});

const ControlPlaneIncomplete = defineFinding({
  code: 'CONTROL_PLANE_INCOMPLETE',
  severity: 'blocks',
  title: 'A revision has a Service but no injector webhook, or the reverse.',
  cause: 'An install or a removal of that revision ended halfway. istioctl panics when it finds such a revision.',
  fix: 'Reinstall that revision or remove what is left of it.',
  blames: 'surroundings',
});

const WebhookDead = defineFinding({
  code: 'WEBHOOK_DEAD',
  severity: 'blocks',
  title: 'A webhook calls an istiod that does not answer.',
  cause:
    'The istiod behind it was removed or has no ready pod, and its webhook configuration stayed. With failurePolicy Fail the API server refuses what the webhook selects. A validator with failurePolicy Ignore, as the chart `base` installs it, is only not asked: of that this warns (istio/istio#28880).',
  fix: 'Remove the webhook configuration, or start its istiod again.',
  blames: 'surroundings',
});

const finds = [ControlPlaneNotReady, OldControlPlaneNotReady, ControlPlaneIncomplete, WebhookDead] as const;
type Found = FindingOf<typeof finds>;

export const controlPlanes = defineCheck({
  looksAt: ['controlPlanes', 'webhooks', 'tags', 'marks'],
  finds,
  find: checkControlPlanes,
});

/**
 * The old istiod is complete; every webhook has an istiod that answers. While the tag points to the new istiod, its
 * failures only warn here: the stages give it time to come back, and then decide which way to go. So do those of an istiod that this
 * tool installed: stage 2 waits for it, or installs it again.
 */
export function checkControlPlanes(
  world: Pick<World, 'controlPlanes' | 'webhooks' | 'tags' | 'marks'>,
  plan: Plan,
): readonly Found[] {
  const { controlPlanes, webhooks, tags } = world;
  const { from, to, tag } = plan;
  const isForStages = pointsTo(tags, tag, to) || isOurs(world, plan);
  const severity = (revision: string | undefined) =>
    revision === to && isForStages ? ('warns' as const) : ('blocks' as const);
  return [
    ...checkOld(controlPlanes, from),
    ...checkWholeness(controlPlanes, severity),
    ...checkDeadWebhooks(webhooks, severity),
  ];
}

type SeverityFor = (revision: string | undefined) => 'blocks' | 'warns';

function checkOld(controlPlanes: World['controlPlanes'], from: string): readonly Found[] {
  const old = controlPlanes.get(from);
  if (old?.deployment === undefined) return [];
  if (old.deployment.ready > 0) return [];
  return [
    OldControlPlaneNotReady.of(
      `istiod ${from} has no ready replica.`,
      [old.deployment.name],
      'Repair it first: a rollback needs it.',
    ),
  ];
}

/** istioctl panics when it finds the Service of a revision without its injector webhook. */
function checkWholeness(controlPlanes: World['controlPlanes'], severity: SeverityFor): readonly Found[] {
  const halves = [...controlPlanes.values()].filter(
    ({ service, injector }) => (service === undefined) !== (injector === undefined),
  );
  return halves.map(({ revision, injector }) =>
    ControlPlaneIncomplete.as(
      severity(revision),
      `Revision ${revision} has ${injector === undefined ? 'a Service but no injector webhook' : 'an injector webhook but no Service'}; istioctl cannot work with it.`,
      [revision],
    ),
  );
}

/** A webhook with failurePolicy Fail and no istiod behind it stops every pod that it selects. */
function checkDeadWebhooks(webhooks: World['webhooks'], severity: SeverityFor): readonly Found[] {
  const dead = webhooks.filter(
    ({ service }) => service !== undefined && (!service.exists || service.readyEndpoints === 0),
  );
  const refusing = dead.filter((webhook) => !isOnlySkipped(webhook));
  const skipped = dead.filter(isOnlySkipped);
  return [
    ...deadWebhooks(
      refusing,
      refusing.every(({ revision }) => severity(revision) === 'warns') ? 'warns' : 'blocks',
      'an istiod that does not answer; pods or configuration are refused there.',
    ),
    ...deadWebhooks(
      skipped,
      'warns',
      "an istiod that does not answer, with failurePolicy Ignore: Istio's configuration is not validated there.",
    ),
  ];
}

function deadWebhooks(dead: World['webhooks'], severity: 'blocks' | 'warns', what: string): readonly Found[] {
  const objects = [
    ...new Set(dead.map(({ kind, configuration, service }) => `${kind} ${configuration} -> ${service?.name ?? '?'}`)),
  ];
  if (objects.length === 0) return [];
  return [
    WebhookDead.as(
      severity,
      `${objects.length === 1 ? 'A webhook calls' : `${objects.length} webhooks call`} ${what}`,
      objects,
    ),
  ];
}
