import type { Status } from '../model/status.ts';

type Command = (verb: string) => string;

/** The status for a person; ends with the command to type next. `command` gives the command line of a verb. */
export function renderStatus(status: Status, command: Command): readonly string[] {
  const { tag, controlPlanes, pods, run, lock, asked, history } = status;
  const lines = [
    `Tag ${tag.name} points to ${tag.revision ?? 'nothing: it does not exist'}.`,
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
    ...(lock === undefined ? [] : [`Locked by run ${lock.id} since ${lock.since}; its log: ${lock.where}`]),
    ...(asked === undefined ? [] : [describeAsked(asked)]),
  ];
  if (run === undefined) return [...lines, statusVerdict(status)];
  const next = nextAfter(status, command);
  return [
    ...lines,
    statusVerdict(status),
    ...(run.labelled === undefined
      ? []
      : [`  labelled istio.io/rev=${run.to} until the upgrade is over: ${run.labelled.join(', ')}`]),
    ...(run.progress === undefined ? [] : [`  ${run.progress}`]),
    ...run.waves.map(
      ({ name, verdict, progress }) => `  wave ${name}: ${verdict}${progress === undefined ? '' : ` ${progress}`}`,
    ),
    ...history.slice(-3).map((text) => `  ${text}`),
    ...(next === '' ? [] : [`Next: ${next}${besides(status, command)}`]),
  ];
}

const describeAsked = ({ verb, by, at }: NonNullable<Status['asked']>): string =>
  verb === 'pause'
    ? `Paused by ${by} at ${at}: nothing is begun until \`resume\` or \`abort\`.`
    : `${by} asked at ${at} to abort the upgrade.`;

/** One sentence. */
export function statusVerdict({ run, lock }: Status): string {
  if (run === undefined) return 'No upgrade has been made with this tool.';
  const because = run.held === undefined ? '' : `, because ${run.held.code}: ${run.held.message}`;
  // The journal of a killed run still has the state from before it was killed.
  const isLeft = lock === undefined && ['running', 'rolling-back'].includes(run.state);
  return `${run.isDowngrade === true ? 'Downgrade' : 'Upgrade'} ${run.from} -> ${run.to} (run ${run.id}): ${run.state}${isLeft ? ', but no run works on it now' : ''}${because}`;
}

/** The next command; empty when there is none, or when another run is under way. */
export function nextAfter({ run, lock, asked, controlPlanes }: Status, command: Command): string {
  if (asked?.verb === 'pause') return command('resume');
  if (run === undefined || lock !== undefined) return '';
  const isThere = controlPlanes.some(({ revision }) => revision === run.to);
  const verbs: Record<string, string> = {
    running: 'upgrade',
    waiting: 'upgrade',
    held: run.whenHeld,
    'rolling-back': 'rollback',
    ...(isThere ? { 'rolled-back': 'rollback --remove-new' } : {}),
  };
  const verb = verbs[run.state];
  return verb === undefined ? '' : command(verb);
}

function besides({ run }: Status, command: Command): string {
  if (run?.state === 'rolled-back') return `   removes istiod ${run.to}, unused`;
  if (run?.state !== 'held') return '';
  const others = { upgrade: 'rollback', rollback: 'upgrade --rejudge', 'upgrade --rejudge': '' };
  const other = others[run.whenHeld];
  return other === '' ? '' : `   or   ${command(other)}`;
}
