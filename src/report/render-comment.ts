import type { Complaint } from '../config/complaint.ts';
import type { Checked } from '../model/checked.ts';
import { type ClusterName, describeCluster } from '../model/cluster-name.ts';
import type { Finding } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import type { Plan } from '../model/plan.ts';
import { code, fenced, plain } from './markdown.ts';
import { renderExpectedTime } from './render-expected-time.ts';
import { renderFindings } from './render-findings.ts';
import { renderPlan } from './render-plan.ts';
import { type Rehearsal, rehearsalHeadline, renderRehearsal } from './render-rehearsal.ts';
import { renderSight } from './render-sight.ts';

/** The facts of a comment on a pull request. None is trusted: names come from the cluster, the config from any author. */
export interface CommentFacts {
  /** The file in the repository. */
  config: string;
  /** Absent when none was contacted. */
  cluster?: ClusterName;
  /** Absent when the check ended by an error, or contacted no cluster. */
  checked?: Pick<Checked, 'plan' | 'hash' | 'findings' | 'blocked' | 'sight'>;
  /** The result of a rehearsal, in place of a check. */
  rehearsal?: Rehearsal;
  /** Why there is no check. */
  failure?: {
    code: string;
    title: string;
    message: string;
    hint: string;
    docs: string;
    complaints: readonly Complaint[];
  };
  /** The page of the run; empty when not known. */
  runPage: string;
  commit: string;
}

/** GitHub refuses a comment of more than 65,536 characters; the marker needs some. */
const commentMax = 60_000;
/** Room for one notice for each part, if no part fits. */
const roomForNotices = 1_000;
const complaintsMax = 40;

/**
 * The comment of a check: the verdict first, then what blocks, plan, time, and what the gate can measure. It is always below the
 * limit: parts that do not fit are replaced by a notice; the most important parts come first.
 */
export function renderComment(facts: CommentFacts): string {
  const { cluster, checked, rehearsal, failure } = facts;
  const named = cluster === undefined ? '' : `**Cluster:** ${plain(describeCluster(cluster))}`;
  const parts = [headline(facts), named, ...(failure === undefined ? [] : failed(failure))];
  if (checked !== undefined) parts.push(...looked(checked));
  if (rehearsal !== undefined) parts.push(...renderRehearsal(rehearsal));
  parts.push(footer(facts));
  let text = '';
  for (const part of parts.filter((each) => each !== '')) {
    const rest = commentMax - text.length - roomForNotices;
    text += part.length + 2 <= rest ? `${part}\n\n` : '_Too long for a comment; the summary of the run has it._\n\n';
  }
  return text.trimEnd();
}

function headline({ config, checked, rehearsal, failure }: CommentFacts): string {
  const where = code(config, 200);
  if (failure !== undefined) return `### ✘ Istio upgrade ${where}: ${plain(failure.title, 300)}`;
  if (rehearsal !== undefined) return `### ${rehearsalHeadline(rehearsal)} (${where})`;
  if (checked === undefined)
    return [
      `### ✔ Istio upgrade ${where}: no mistake in the config`,
      'Its queries are valid PromQL. No cluster was contacted, so nothing is known about whether the upgrade can begin.',
    ].join('\n\n');
  const { versions } = checked.plan;
  const step = `Istio ${plain(versions.from || 'nothing', 80)} → ${plain(versions.to, 80)}`;
  const blocking = checked.findings.filter(({ severity }) => severity === 'blocks').length;
  const verdict = checked.blocked
    ? `${blocking} ${blocking === 1 ? 'finding blocks' : 'findings block'} it`
    : 'can begin';
  return `### ${checked.blocked ? '✘' : '✔'} ${step} ${checked.blocked ? 'cannot begin: ' : ''}${verdict} (${where})`;
}

function failed({ code: name, message, hint, docs, complaints }: NonNullable<CommentFacts['failure']>): string[] {
  const shown = complaints
    .slice(0, complaintsMax)
    .map(
      ({ file, line, message: what, instead }) => `- ${code(`${file}:${line}`, 300)} ${plain(what)}; ${plain(instead)}`,
    );
  const more = complaints.length > complaintsMax ? [`- and ${complaints.length - complaintsMax} more`] : [];
  const why =
    complaints.length > 0 ? [...shown, ...more].join('\n') : `**${plain(name, 80)}** ${plain(message, 2_000)}`;
  return [why, `**What now:** ${plain(hint, 1_000)} [Explained](${docs})`];
}

function looked({ plan, hash, findings, sight }: NonNullable<CommentFacts['checked']>): string[] {
  const gate = findings.filter(isAboutGate);
  const others = findings.filter((finding) => !isAboutGate(finding));
  return [
    others.length === 0 ? 'There are no findings.' : renderFindings(others),
    `**The gate ${onlyObserves(plan) ? 'only observes, and stops nothing. It judges** ' : 'judges** '}${judged(plan)}.`,
    gate.length === 0
      ? '**The gate gets data** for every wave: every query answers.'
      : `**Some data is missing for the gate:**\n\n${renderFindings(gate)}`,
    [
      '<details><summary>What the gate would notice</summary>',
      '',
      fenced(renderSight(sight, plan.gate)),
      '',
      '</details>',
    ].join('\n'),
    `**Expected time:** ${renderExpectedTime(plan)}.`,
    ['<details><summary>The plan</summary>', '', fenced(renderPlan(plan, hash, false)), '', '</details>'].join('\n'),
  ];
}

const isAboutGate = ({ meaning }: Finding): boolean => meaning.isAboutGate === true;

function judged({ gate }: Plan): string {
  const checks = gate.checks.slice(0, 20).map(({ name }) => plain(name, 80));
  const more = gate.checks.length > 20 ? [`${gate.checks.length - 20} more`] : [];
  const own = checks.length === 0 ? '' : `, and ${[...checks, ...more].join(', ')}`;
  return [
    `failed, refused, lost, slow and missing requests, as servers, clients and the wave's own calls report them, against what was usual in the hours before `,
    `(${100 * gate.errorRatioMax} % where there is no history), over at least ${gate.minRequests} requests; rejected configurations and failed injections${own}`,
  ].join('');
}

function footer({ runPage, commit }: CommentFacts): string {
  const facts = [
    commit === '' ? '' : `commit ${code(commit.slice(0, 12))}`,
    /^https?:\/\/[\w./:-]+$/.test(runPage) ? `[the run](${runPage})` : '',
    'replaced at every push',
  ];
  return `<sub>${facts.filter((fact) => fact !== '').join(' · ')}</sub>`;
}
