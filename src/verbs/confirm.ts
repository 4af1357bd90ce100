import { type ClusterName, describeCluster } from '../model/cluster-name.ts';
import { defineError } from '../model/upgrade-error.ts';
import type { Caller } from './caller.ts';

export const NotConfirmed = defineError({
  code: 'NOT_CONFIRMED',
  title: 'The command was not confirmed.',
  cause:
    'On a terminal, `upgrade`, `rollback`, `abort` and `unlock` ask before their first write, and the answer was not yes.',
  message: (cluster: ClusterName, tag: string) =>
    `The question about tag ${tag} in cluster ${describeCluster(cluster)} was not answered with yes.`,
  hint: 'Run the command again and answer yes. With --yes it does not ask.',
  actor: 'workflow author',
  state: 'This command changed nothing.',
  exit: 'usage',
  blames: 'person',
});

/** @throws NOT_CONFIRMED */
export async function expectConfirmed(caller: Caller, cluster: ClusterName, tag: string): Promise<void> {
  if ((await caller.confirm?.(cluster, tag)) === false) throw NotConfirmed.of(cluster, tag);
}
