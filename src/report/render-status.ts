import type { Status } from '../engine/status.ts';

/** For a person who comes back to it; ends with what to type next. `command` gives the command line of a verb. */
export function renderStatus(
  { tag, controlPlanes, pods, run, history }: Status,
  command: (verb: string) => string,
): readonly string[] {
  const lines = [
    `Tag ${tag.name} names ${tag.revision ?? 'nothing: it does not exist'}.`,
    ...controlPlanes.map(
      ({ revision, version, ready, desired }) =>
        `istiod ${revision} (${version ?? 'version unknown'}): ${ready} of ${desired} ready`,
    ),
    'Mesh pods by revision:',
    ...Object.entries(pods).map(
      ([namespace, counts]) =>
        `  ${namespace.padEnd(24)} ${Object.entries(counts)
          .map(([revision, count]) => `${revision}: ${count}`)
          .join('  ')}`,
    ),
  ];
  if (run === undefined) return [...lines, 'No upgrade has been made with this tool.'];
  const next: Record<string, string> = {
    running: command('upgrade'),
    waiting: command('upgrade'),
    held: `${command('upgrade')}   or   ${command('rollback')}`,
    'rolling-back': command('rollback'),
    'rolled-back': `${command('rollback --remove-new')}   removes istiod ${run.to}, unused`,
  };
  return [
    ...lines,
    `Upgrade ${run.from} -> ${run.to} (run ${run.id}): ${run.state}${run.held === undefined ? '' : `, because ${run.held.code}: ${run.held.message}`}`,
    ...run.waves.map(({ name, verdict }) => `  wave ${name}: ${verdict}`),
    ...history.slice(-3).map((text) => `  ${text}`),
    ...(next[run.state] === undefined ? [] : [`Next: ${next[run.state]}`]),
  ];
}
