import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { complaintsAboutWorkflow } from '../../harness/proof/runner/workflow-file.ts';
import { inputsSchema } from '../../src/action/inputs.ts';
import { isOurs, type Job, jobsOf, root, stepsOf, type Workflow } from './workflow.ts';

export interface Rule {
  /** What every workflow does, as the end of a sentence that begins with its file. */
  title: string;
  /** Where a workflow breaks the rule; empty when it follows it. */
  complaints: (workflow: Workflow) => readonly string[];
}

/** What zizmor and OpenSSF's scorecard ask for, as far as it matters here, and what our own Action needs from its callers. */
export const rules: readonly Rule[] = [
  {
    title: "is valid by GitHub's own parser",
    complaints: ({ file, text }) => complaintsAboutWorkflow(file, text),
  },
  {
    // These run with this repository's secrets on text or code of an untrusted user.
    title: 'has no trigger that gives an untrusted user the rights of the repository',
    complaints: ({ on }) => {
      const triggers = typeof on === 'string' ? [on] : Array.isArray(on) ? (on as string[]) : Object.keys(on);
      return triggers.filter((trigger) => ['pull_request_target', 'workflow_run', 'issue_comment'].includes(trigger));
    },
  },
  {
    title: 'pins every third-party action by its full SHA, with the version in a comment',
    complaints: ({ text }) =>
      text
        .split('\n')
        .filter((line) => /^\s*(- )?uses:/.test(line))
        .filter(
          (line) =>
            !/uses: [\w-]+\/[\w.-]+@[0-9a-f]{40} # v\d+(\.\d+)+$/.test(line) &&
            !/uses: (\.\/\.github\/workflows\/[\w-]+\.yml|OWNER\/istio-canary-upgrade@SHA|\.\/)$/.test(line),
        ),
  },
  {
    title: 'calls only workflows that exist beside it',
    complaints: (workflow) =>
      jobsOf(workflow)
        .flatMap(([, { uses }]) => uses ?? [])
        .filter((uses) => !existsSync(join(root, workflow.file, '..', uses.replace('./.github/workflows/', '')))),
  },
  {
    title: 'puts no expression into a script, where a value could become a command',
    complaints: (workflow) => stepsOf(workflow).flatMap(({ run }) => (run?.includes('${{') ? [run] : [])),
  },
  {
    title: 'sets the shell bash for every script',
    complaints: (workflow) =>
      stepsOf(workflow).flatMap(({ run, shell }) => (run !== undefined && shell !== 'bash' ? [run] : [])),
  },
  {
    title: 'has no permissions by default, and each job lists its own',
    complaints: (workflow) => [
      ...(JSON.stringify(workflow.permissions) === '{}' ? [] : ['permissions of the workflow']),
      ...jobsOf(workflow).flatMap(([name, { permissions }]) =>
        typeof permissions === 'object' ? Object.keys(permissions).filter((asked) => !known.has(asked)) : [name],
      ),
    ],
  },
  {
    title: 'may write code only in a release',
    complaints: (workflow) =>
      workflow.file.endsWith('/release.yml')
        ? []
        : jobsOf(workflow).flatMap(([name, { permissions }]) => (permissions?.['contents'] === 'write' ? [name] : [])),
  },
  {
    title: 'stores no token in the checkout',
    complaints: (workflow) =>
      stepsOf(workflow).flatMap(({ uses, with: given }) =>
        uses?.startsWith('actions/checkout@') && given?.['persist-credentials'] !== false ? [uses] : [],
      ),
  },
  {
    title: 'passes on only secrets that it names',
    complaints: (workflow) => [
      ...jobsOf(workflow).flatMap(([name, { secrets }]) => (secrets === 'inherit' ? [name] : [])),
      ...(/toJSON\(\s*secrets\s*\)/i.test(workflow.text) ? ['toJSON(secrets)'] : []),
    ],
  },
  {
    title: 'limits the time of every job that has steps',
    complaints: (workflow) =>
      jobsOf(workflow).flatMap(([name, job]) => (hasSteps(job) && job['timeout-minutes'] === undefined ? [name] : [])),
  },
  {
    // It would cut the step that cleans up after a cancel.
    title: 'sets no timeout-minutes for the step of our Action',
    complaints: (workflow) =>
      stepsOf(workflow).flatMap((step) =>
        isOurs(step) && step['timeout-minutes'] !== undefined ? [step.uses ?? ''] : [],
      ),
  },
  {
    title: 'sets only inputs that our Action has',
    complaints: (workflow) =>
      stepsOf(workflow)
        .filter(isOurs)
        .flatMap((step) => Object.keys(step.with ?? {}))
        .filter((input) => !(input in inputsSchema.shape)),
  },
  {
    title: 'has a concurrency group',
    complaints: (workflow) =>
      // The caller chooses the group of a called workflow: with the same group in both, the caller would wait for itself.
      'workflow_call' in Object(workflow.on) || workflow.concurrency !== undefined ? [] : [workflow.file],
  },
  {
    title: 'queues upgrades and releases, and never cancels one for another',
    complaints: (workflow) =>
      [workflow.concurrency, ...jobsOf(workflow).map(([, { concurrency }]) => concurrency)]
        .filter((group) => group !== undefined)
        .filter(({ group }) => /^(istio-(upgrade|fleet)|release)/.test(group))
        .filter(({ queue, 'cancel-in-progress': cancels }) => cancels !== false || queue !== 'max')
        .map(({ group }) => group),
  },
  {
    title: 'lets the other jobs of a matrix finish when one fails',
    complaints: (workflow) =>
      jobsOf(workflow).flatMap(([name, { strategy }]) =>
        strategy !== undefined && strategy['fail-fast'] !== false ? [name] : [],
      ),
  },
];

const known = new Set(['actions', 'contents', 'id-token', 'pull-requests', 'issues', 'deployments', 'attestations']);
const hasSteps = ({ steps }: Job): boolean => steps !== undefined;
