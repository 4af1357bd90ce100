import { Deployments, MutatingWebhooks } from '../../../../src/ports/kinds.ts';
import type { WebhookConfiguration } from '../../../../src/ports/objects.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import { type Command, failed, type IstioctlContext, type Output, takes } from './istioctl-command.ts';
import { isTagged } from './istiods.ts';
import type { Manifested } from './manifest.ts';
import { ComponentLabel, RevisionLabel } from './names.ts';
import { connectedIds } from './proxy-status-command.ts';
import { allObjects, ownedObjects, pruneName, removedLine } from './prune.ts';

/** 37-uninstall: the Deployment is gone 0.2 s after the command returned, its pod 0.4 s after. */
const DeploymentGoneAfterMs = 200;

/** `uninstall --revision R [--dry-run] [-y]`. With `-y` it refuses nothing; without, it asks only if it has a warning. */
export const uninstall: Command = async (context, args) => {
  const { registry } = context;
  const revision = args.value('--revision');
  await takes(context, 100);
  if (revision === undefined && args.has('--purge')) return purge(context, args);
  if (revision === undefined) {
    return failed(
      'at least one of the --revision (or --set revision=<revision>), --filename or --purge flags must be set',
    );
  }
  const exists = registry.store
    .list<WebhookConfiguration>(MutatingWebhooks)
    .some(({ metadata }) => metadata.labels?.[RevisionLabel] === revision && !isTagged(metadata.labels));
  if (!exists) return failed('could not find target revision');

  const doomed = ownedObjects(registry, revision);
  if (doomed.length === 0) {
    return {
      exitCode: 0,
      stdout: 'No resources will be pruned from the cluster. Please double check the input configs\n\n',
      stderr: '\n✔ Uninstall complete',
    };
  }
  const warnings = warn(
    context,
    revision,
    doomed.filter(({ kind }) => kind.plural === Deployments.plural).flatMap(gatewayName),
  );
  if (args.has('--dry-run')) {
    return {
      exitCode: 0,
      stdout: `${warnings}\n${doomed.map(notPrunedLine).join('')}`,
      stderr: '\n✔ Uninstall complete',
    };
  }
  if (warnings && !args.has('--skip-confirmation')) {
    return { exitCode: 1, stdout: `${warnings}Proceed? (y/N) `, stderr: 'Cancelled.\n' };
  }
  await removeAll(context, doomed);
  const lines = doomed.map((entry) => `${removedLine(entry)}\n`);
  return { exitCode: 0, stdout: `${warnings}\n${lines.join('')}`, stderr: '\n✔ Uninstall complete' };
};

/** `uninstall --purge`: everything that an installer made, of any revision, and what tags name. */
async function purge(context: IstioctlContext, args: IstioctlArguments): Promise<Output> {
  const warning = 'All Istio resources will be pruned from the cluster\n';
  if (!args.has('--dry-run') && !args.has('--skip-confirmation'))
    return { exitCode: 1, stdout: `${warning}Proceed? (y/N) `, stderr: 'Cancelled.\n' };
  const doomed = allObjects(context.registry);
  if (!args.has('--dry-run')) await removeAll(context, doomed);
  const lines = doomed.map((entry) => (args.has('--dry-run') ? notPrunedLine(entry) : `${removedLine(entry)}\n`));
  return { exitCode: 0, stdout: `${warning}\n${lines.join('')}`, stderr: '\n✔ Uninstall complete' };
}

const notPrunedLine = (entry: Manifested) => `Not pruning object ${pruneName(entry)} because of dry run.\n`;

async function removeAll(context: IstioctlContext, doomed: readonly Manifested[]): Promise<void> {
  const { registry, clock } = context;
  for (const { kind, object } of doomed) {
    const remove = () => {
      if (registry.store.get(kind, object.metadata.name, object.metadata.namespace))
        registry.delete(kind, object.metadata);
    };
    // Deleted in the background: it outlives the command by some moments.
    if (kind.plural === Deployments.plural) clock.schedule(150 + DeploymentGoneAfterMs, remove);
    else remove();
  }
  await takes(context, 150);
}

function warn(context: IstioctlContext, revision: string, gateways: readonly string[]): string {
  // Asked for the default revision, it asks every istiod.
  const asked = revision === 'default' ? context.istiods.revisions() : [revision];
  const proxies = asked.flatMap((one) => connectedIds(context, one)).sort();
  const isReachable = context.istiods.running(revision).length > 0;
  const aboutProxies = !isReachable
    ? `Unable to find any proxies pointing to the ${revision} control plane. This may be because the control plane cannot be connected or there is no ${revision} control plane.\n`
    : proxies.length === 0
      ? ''
      : `There are still ${proxies.length} proxies pointing to the control plane revision ${revision}\n${proxies.slice(0, 30).join('\n')}\n` +
        'If you proceed with the uninstall, these proxies will become detached from any control plane and will not function correctly.\n';
  const aboutGateways =
    gateways.length === 0
      ? ''
      : `You are about to remove the following gateways: ${gateways.join(', ')}. To avoid downtime, please quit this command and reinstall the gateway(s) with a revision that is not being removed from the cluster.\n`;
  return aboutProxies + aboutGateways;
}

function gatewayName({
  object,
}: {
  object: { metadata: { name: string; labels?: Record<string, string> } };
}): string[] {
  return object.metadata.labels?.[ComponentLabel]?.endsWith('Gateways') ? [object.metadata.name] : [];
}
