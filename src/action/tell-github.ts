import { createHash } from 'node:crypto';
import { ConfigError } from '../config/config-errors.ts';
import { createGitHub } from '../github/github.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { GitHub } from '../ports/github.ts';
import { code, plain } from '../report/markdown.ts';
import { type CommentFacts, renderComment } from '../report/render-comment.ts';
import type { Rehearsal } from '../report/render-rehearsal.ts';
import { hideSecrets } from '../secrecy/hide-secrets.ts';
import { describeFailure, type Failure } from '../verbs/describe-failure.ts';
import type { Ended } from '../verbs/verb.ts';
import { type GitHubEvent, githubEvent } from './github-event.ts';
import { configFile, type Inputs } from './inputs.ts';
import type { Step } from './step.ts';

type Telling = Pick<Step, 'inputs' | 'env' | 'log'>;

/** The result of a step; neither field is set for an offline check that found no mistake. */
export interface Told {
  ended?: Ended;
  rehearsal?: Rehearsal;
  failure?: Failure;
}

/** The step waits this long for GitHub, and no longer. */
const budgetMs = 30_000;

/** Writes the comment and the issue also when the step fails. */
export async function tellingGitHub(step: Step, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (thrown) {
    await tellGitHub(step, { failure: describeFailure(thrown) });
    throw thrown;
  }
}

/** Writes the comment and the issue, if they are wanted. A failure of GitHub is a warning and fails no upgrade. */
export async function tellGitHub({ inputs, env, log }: Telling, told: Told): Promise<void> {
  const token = inputs['github-token'];
  if (token === undefined || !(wantsComment(inputs) || inputs.issue === 'true')) return;
  try {
    const event = githubEvent(env);
    const signal = AbortSignal.timeout(budgetMs);
    const github = createGitHub({ ...event, token, env, signal });
    try {
      if (wantsComment(inputs) && event.pullRequest !== undefined)
        await github.keepComment(event.pullRequest, comment(inputs, event, told));
      if (inputs.issue === 'true') await keepIssue(github, inputs, event, told);
    } finally {
      await github.close();
    }
  } catch (failure) {
    log.annotate('warning', 'Nothing was written to GitHub', `${messageOf(failure)}. Nothing else depends on it.`);
  }
}

const wantsComment = ({ comment: wanted, command, 'dry-run': dryRun }: Inputs): boolean =>
  wanted !== 'false' && (command === 'check' || command === 'rehearse' || (command === 'upgrade' && dryRun === 'true'));

/** One for each config and cluster. */
function markerOf(kind: string, { config, context, tag }: Inputs, command = ''): string {
  const key = JSON.stringify([kind, command, config ?? '', context ?? '', tag ?? '']);
  return `<!-- istio-canary-upgrade ${createHash('sha256').update(key).digest('hex').slice(0, 16)} -->`;
}

function comment(inputs: Inputs, { runPage, commit }: GitHubEvent, { ended, rehearsal, failure }: Told) {
  const facts: CommentFacts = {
    config: configFile(inputs) ?? inputs.inventory ?? '',
    runPage,
    commit,
    ...(ended?.checked === undefined ? {} : { checked: ended.checked }),
    ...(ended?.cluster === undefined ? {} : { cluster: ended.cluster }),
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(failure === undefined ? {} : { failure: { ...failure, complaints: complaintsOf(failure) } }),
  };
  return { marker: markerOf('comment', inputs), body: hideSecrets(renderComment(facts)) };
}

const complaintsOf = ({ error }: Failure) => (error instanceof ConfigError ? error.complaints : []);

async function keepIssue(github: GitHub, inputs: Inputs, { runPage }: GitHubEvent, { ended, failure }: Told) {
  const { command } = inputs;
  const marker = markerOf('issue', inputs, command);
  const where = configFile(inputs) ?? inputs.tag ?? 'default';
  if (failure === undefined && (ended?.exitCode ?? 0) === 0) {
    await github.closeIssue({ marker, body: `It succeeds again: [the run](${runPage}).` });
    return;
  }
  const kind = failure?.code ?? ended?.outcome.kind ?? '';
  const message = failure?.message ?? ended?.outcome.message ?? '';
  const body = [
    `${code(`istio-canary-upgrade ${command}`)} for ${code(where)} ended with **${plain(kind, 80)}**: ${plain(message, 4_000)}`,
    failure === undefined ? '' : `**What now:** ${plain(failure.hint, 1_000)} [Explained](${failure.docs})`,
    `Newest: [the run](${runPage}). Every failure replaces this text; the next success closes the issue.`,
  ];
  const title = `Istio: ${command} of ${where} fails`.slice(0, 200);
  await github.keepIssue({ marker, title, body: hideSecrets(body.filter((part) => part !== '').join('\n\n')) });
}
