import { type ClusterName, describeCluster } from '../model/cluster-name.ts';
import type { Finding } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import { type Outcome, type OutcomeKind, outcomes } from '../model/outcome.ts';
import { code, fenced, plain, table } from './markdown.ts';
import { describeWhileReplaced, elapsed } from './render-event.ts';
import { renderFindings } from './render-findings.ts';
import { renderGantt } from './render-gantt.ts';
import type { RunReport } from './run-report.ts';

/** The facts of a summary. None is trusted: names and messages come from the cluster. */
export interface SummaryFacts {
  /** For example `upgrade`. */
  command: string;
  /** Left out: that of the report, if there is one. */
  cluster?: ClusterName;
  /** Absent while the run is under way. */
  ended?: Pick<Outcome, 'message' | 'next'> & { kind: OutcomeKind | FailureKind };
  /** For an error: how the mesh was left and what to do. */
  failure?: { code: string; title: string; state: string; hint: string; actor: string; docs: string };
  findings: readonly Finding[];
  report?: RunReport;
  /** The output of a verb that only reads. */
  lines: readonly string[];
}

type FailureKind = 'internal' | 'usage' | 'unreachable';

/** GitHub drops a summary of more than 1 MiB as a whole. */
const summaryMaxBytes = 900 * 1024;
/** The most rows of one table or list; the report has them all. */
const rowsMax = 60;
const objectsMax = 10;

/**
 * The summary of a step as Markdown: the verdict and what to do now come first, then stages, waves, findings. It is always
 * smaller than 1 MiB.
 */
export function renderSummary(facts: SummaryFacts): string {
  const { report, findings, lines } = facts;
  const all = uniqueFindings([...findings, ...(report?.findings ?? [])]);
  const parts = [
    headline(facts),
    whatNow(facts),
    clusterOf(facts),
    observing(report),
    awaitedIn(facts),
    report === undefined || report.stages.length === 0 ? '' : stagesOf(report, isCutShort(facts)),
    report === undefined || report.waves.length === 0 ? '' : wavesOf(report),
    movesIn(report),
    renderGantt(report?.phases ?? []),
    report === undefined ? '' : podsOf(report),
    all.length === 0 ? '' : `### Findings\n\n${renderFindings(all)}`,
    lines.length === 0 ? '' : fenced(lines),
    report === undefined ? '' : footer(report),
  ];
  return fitting(parts.filter((part) => part !== ''));
}

/** In order of importance: a part that does not fit is replaced by a notice. */
function fitting(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) {
    const fits = Buffer.byteLength(text) + Buffer.byteLength(part) <= summaryMaxBytes;
    text += fits ? `${part}\n\n` : '_Too long for a summary; it is in the report._\n\n';
  }
  return text;
}

const good = new Set(['completed', 'reached', 'nothing-to-do']);

/** Everything below is about this cluster; its names come from a kubeconfig. */
function clusterOf({ cluster, report }: SummaryFacts): string {
  const named = cluster ?? report?.cluster;
  return named === undefined ? '' : `**Cluster:** ${plain(describeCluster(named))}`;
}

function headline({ command, ended, failure, report }: SummaryFacts): string {
  const versions = report?.plan?.versions;
  const what = versions === undefined ? command : `${command}, Istio ${versions.from} → ${versions.to}`;
  if (ended === undefined) {
    const stage = report?.stages.at(-1);
    const where = stage === undefined ? '' : `: stage ${stage.number}, ${plain(stage.title)}`;
    return [
      `## … ${plain(what)}: under way${where}`,
      'If this summary does not change any more, the run was killed at this point. Run it again: it reads from the cluster what is done, and resumes.',
    ].join('\n\n');
  }
  const mark = good.has(ended.kind) ? '✔' : ended.kind === 'rolled-back' ? '↩' : ended.kind === 'waiting' ? '…' : '✘';
  const name = failure === undefined ? ended.kind : `${ended.kind}, ${failure.code}`;
  const title = failure === undefined ? '' : `**${plain(failure.title)}** `;
  return [`## ${mark} ${plain(what)}: ${plain(name)}`, `${title}${plain(ended.message, 4_000)}`].join('\n\n');
}

/** What others must do; that of the last stage, if it was not done meanwhile. */
function awaitedIn({ ended, report }: SummaryFacts): string {
  const awaited = ended === undefined || ended.kind === 'waiting' ? (report?.awaited ?? []) : [];
  return awaited
    .map(({ what, owner, change }) =>
      [`### Waits for ${plain(owner)}`, plain(what, 1_000), fenced(change)].join('\n\n'),
    )
    .join('\n\n');
}

/** Not to be overlooked, also while the run is under way. */
function observing(report: RunReport | undefined): string {
  if (report?.plan === undefined || !onlyObserves(report.plan)) return '';
  return '**The gate only observes** (`gate.mode: observe`): its verdicts are told, and stop nothing.';
}

function whatNow({ ended, failure, command }: SummaryFacts): string {
  if (ended === undefined) return '';
  if (failure !== undefined) {
    return [
      `**What now:** ${plain(failure.hint, 1_000)}`,
      `**State of the mesh:** ${plain(failure.state)} **To act:** ${plain(failure.actor)}. [Explained](${failure.docs})`,
    ].join('\n\n');
  }
  const text = `**What now:** ${advice(ended.kind, command)}`;
  if (ended.next === '' || ended.kind === 'interrupted') return text;
  const verb = ended.next.split(' ')[1] ?? '';
  return `${text} Next: this action with ${code(`command: ${verb}`)}, or from a shell ${code(ended.next)}`;
}

function advice(kind: OutcomeKind | FailureKind, command: string): string {
  if (command === 'rehearse')
    return kind === 'completed'
      ? 'Read the assumptions of the rehearsal; then run check on the real cluster. No cluster was contacted.'
      : 'Repair what the findings name, or change the config, and rehearse again. No cluster was changed.';
  if (isFailure(kind)) return 'See above.';
  const { advice: usual, title } = outcomes[kind];
  if (kind === 'completed' && (command === 'check' || command === 'plan')) return 'The upgrade can begin.';
  if (kind === 'completed' && command === 'status') return 'See below.';
  // The last step of the Action finalizes an interrupted run.
  if (kind === 'interrupted') return 'The summary of the step Finalize, below, shows how it ended.';
  return kind === 'rollback-held' ? `**${title}.** ${usual}` : usual;
}

const isFailure = (kind: OutcomeKind | FailureKind): kind is FailureKind => !(kind in outcomes);

/** Whether the last stage was not finished because the run was interrupted. */
const isCutShort = ({ ended }: SummaryFacts): boolean => ended === undefined || ended.kind === 'interrupted';

function stagesOf({ stages }: RunReport, cutShort: boolean): string {
  const rows = stages.slice(-rowsMax).map(({ number, title, direction, done, proof, durationMs }) => {
    const mark = done ? '✔' : cutShort ? '…' : '✘';
    return [
      `${direction === 'back' ? '↩\u00a0' : ''}${mark}`,
      `${number} ${plain(title)}`,
      plain(proof),
      elapsed(durationMs),
    ];
  });
  return table(['', 'stage', 'proof', 'took'], rows);
}

function wavesOf({ waves }: RunReport): string {
  const rows = waves.slice(0, rowsMax).map(({ name, namespaces, state, reason, observed, checks, whileReplaced }) => {
    const shown = namespaces.slice(0, objectsMax).map((namespace) => plain(namespace, 63));
    const more = namespaces.length > objectsMax ? [`and ${namespaces.length - objectsMax} more`] : [];
    const why = checks.length === 0 ? plain(reason) : numbersOf(state, checks);
    const replaced = describeWhileReplaced(whileReplaced).map((text) => plain(text));
    const numbers = [why, ...replaced].filter((text) => text !== '').join('<br>');
    return [
      plain(name, 63),
      [...shown, ...more].join(', '),
      `${markOf(state)}${plain(state)}${observed ? ', only observed' : ''}`,
      numbers,
    ];
  });
  const more = waves.length > rowsMax ? `\n\nand ${waves.length - rowsMax} more waves` : '';
  return `${table(['wave', 'namespaces', 'verdict', 'value against limit'], rows)}${more}`;
}

/** Namespaces that joined or left while the upgrade was under way. */
function movesIn(report: RunReport | undefined): string {
  const moves = report?.namespacesMoved ?? [];
  if (moves.length === 0) return '';
  const shown = moves.slice(0, objectsMax).map((move) => plain(move));
  const more = moves.length > objectsMax ? [`and ${moves.length - objectsMax} more`] : [];
  return `**Since the plan was made:** ${[...shown, ...more].join('; ')}`;
}

function markOf(state: string): string {
  if (state === 'pass') return '✔ ';
  return state === 'fail' || state === 'inconclusive' ? '✘ ' : '';
}

/** For a fail, only the checks that failed. */
function numbersOf(state: string, checks: RunReport['waves'][number]['checks']): string {
  return checks
    .filter((check) => state === 'pass' || check.verdict !== 'pass')
    .slice(0, objectsMax)
    .map(({ check, value, limit }) => `${plain(check, 100)}: ${plain(value, 100)}, limit ${plain(limit, 100)}`)
    .join('<br>');
}

/** As in the last snapshot. */
function podsOf({ samples, plan }: RunReport): string {
  const pods = samples?.pods.at(-1)?.pods;
  if (pods === undefined || plan === undefined) return '';
  const count = (revision: string) => `${pods[revision] ?? 0} on ${plain(revision, 63)}`;
  const others = Object.keys(pods).filter((revision) => revision !== plan.from && revision !== plan.to);
  return `**Pods in the mesh:** ${[plan.to, plan.from, ...others.slice(0, objectsMax)].map(count).join(', ')}`;
}

function footer({ plan, startedAt, durationMs, cost }: RunReport): string {
  const facts = [
    `Began ${new Date(startedAt).toISOString()}, took ${elapsed(durationMs)}`,
    plan === undefined ? '' : `tag ${plain(plan.tag, 63)}, ${plain(plan.from, 63)} → ${plain(plan.to, 63)}`,
    cost.restartedWorkloads === 0 ? '' : `${cost.restartedWorkloads} workloads restarted`,
    cost.failToTagBackMs === null ? '' : `tag back ${(cost.failToTagBackMs / 1000).toFixed(1)} s after the verdict`,
  ];
  return `<sub>${facts.filter((fact) => fact !== '').join(' · ')}</sub>`;
}

function uniqueFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}
