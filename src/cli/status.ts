import type { Journal } from '../engine/journal.ts';
import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { World } from '../mesh/world.ts';
import { revisionOfTag } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { connect } from './connect.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `status`: how far an upgrade is, from the cluster alone; needs nothing but a kubeconfig. */
export async function statusCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const { run, close, config } = await connect(options, terminal, () => undefined, 'look');
  try {
    const journal = await run.journal.load();
    const istioNamespace = config?.mesh.namespace ?? options.istioNamespace ?? 'istio-system';
    const plan: Pick<Plan, 'istioNamespace' | 'token' | 'tag'> = { istioNamespace, token: '', tag: run.tag };
    const world = await observe(
      run.eyes,
      ['controlPlanes', 'tags', 'workloads', 'now'],
      plan as Plan,
      { marks: { waves: {} }, unchangedForMs: 0 },
      new Recent(run.clock, 0),
    );
    const status = summarize(world, journal, run.tag);
    if (options.output === 'json') terminal.out(JSON.stringify(status, null, 2));
    else terminal.out(render(status, (verb) => run.command(verb)).join('\n'));
    return 0;
  } finally {
    await close();
  }
}

interface Status {
  tag: { name: string; revision: string | undefined };
  controlPlanes: readonly { revision: string; version: string | undefined; ready: number; desired: number }[];
  /** Live mesh pods by namespace and revision. */
  pods: Readonly<Record<string, Readonly<Record<string, number>>>>;
  run:
    | {
        id: string;
        state: string;
        from: string;
        to: string;
        held?: Journal['held'];
        waves: readonly { name: string; verdict: string }[];
      }
    | undefined;
  history: readonly string[];
}

function summarize(
  world: Pick<World, 'controlPlanes' | 'tags' | 'workloads'>,
  journal: Journal | undefined,
  tag: string,
): Status {
  const pods: Record<string, Record<string, number>> = {};
  for (const { namespace, pods: counts } of world.workloads)
    for (const [revision, count] of counts) {
      if (revision === 'none') continue;
      const row = pods[namespace] ?? {};
      pods[namespace] = row;
      row[revision] = (row[revision] ?? 0) + count;
    }
  return {
    tag: { name: tag, revision: revisionOfTag(world, tag) },
    controlPlanes: [...world.controlPlanes.values()].map(({ revision, version, deployment }) => ({
      revision,
      version,
      ready: deployment?.ready ?? 0,
      desired: deployment?.desired ?? 0,
    })),
    pods,
    run: journal && {
      id: journal.runId,
      state: journal.state,
      from: journal.plan.from,
      to: journal.plan.to,
      ...(journal.held === undefined ? {} : { held: journal.held }),
      waves: journal.plan.waves.map(({ name }) => ({ name, verdict: waveState(journal, name) })),
    },
    history: journal?.history ?? [],
  };
}

function waveState({ marks }: Journal, wave: string): string {
  const { verdict, readyAt, startedAt } = marks.waves[wave] ?? {};
  if (verdict !== undefined) return verdict.verdict;
  if (readyAt !== undefined) return 'baking';
  return startedAt === undefined ? 'not begun' : 'restarting';
}

function render(
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
