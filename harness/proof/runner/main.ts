/** `npm run action -- --with command=check`: an action of this machine, run as GitHub's runner does. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { describeRun } from './describe-run.ts';
import type { RanAction } from './job.ts';
import { endOrphans, orphansOf } from './orphans.ts';
import { runAction } from './run-action.ts';
import { uploadArtifact } from './stand-ins/upload-artifact.ts';

interface Options {
  action: string;
  workspace: string;
  with: Record<string, string>;
  env: Record<string, string>;
  pass: string[];
  debug: boolean;
  summary?: string;
  artifacts?: string;
}

/** One Ctrl-C arrives twice below npm: from the terminal, and from npm, which passes it on. */
const echoMs = 300;
const passedAlways = ['PATH', 'HOME', 'KUBECONFIG'];

const program = new Command('action')
  .description(
    'Runs a composite action in this folder as a job on GitHub would. Ctrl-C cancels the job; twice ends it at once.',
  )
  .option('--action <folder>', 'which holds action.yml', '.')
  .option('--workspace <folder>', 'where steps run', process.cwd())
  .option('--with <name=value>', 'an input; may come again', pair, {})
  .option('--env <NAME=value>', 'a variable of the job; may come again', pair, {})
  .option(
    '--pass <NAME>',
    `a variable of this shell; may come again; always passed: ${passedAlways.join(', ')}`,
    more,
    [],
  )
  .option('--debug', "as with RUNNER_DEBUG: the steps' debug lines too", false)
  .option('--summary <file>', 'where the summaries of the steps are written, in Markdown')
  .option('--artifacts <folder>', 'keeps what is uploaded, a folder each; left out: it is lost')
  .action(async (options: Options) => {
    process.exitCode = (await run(options)).conclusion === 'success' ? 0 : 1;
  });

async function run({ action, workspace, summary, artifacts, debug, ...options }: Options): Promise<RanAction> {
  const trackingId = `github_${randomUUID()}`;
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const ran = await runAction({
    actionFolder: resolve(action),
    workspace: resolve(workspace),
    with: options.with,
    env: environment(options),
    standIns: { 'actions/upload-artifact': uploadArtifact(resolve(artifacts ?? join(folder, 'artifacts'))) },
    temp: join(folder, 'temp'),
    toolCache: join(folder, 'tools'),
    cancel: interruption(trackingId),
    debug,
    trackingId,
    tell: (line) => console.log(line),
    begin: (step) => console.log(`\n== ${step}`),
  });
  if (summary !== undefined) writeFileSync(summary, ran.summary);
  console.log(`\n${describeRun(ran)}`);
  return ran;
}

/** The first SIGINT cancels the job, the second one is as when its machine is switched off. */
function interruption(trackingId: string): AbortSignal {
  const cancelling = new AbortController();
  let cancelledAt = 0;
  process.on('SIGINT', () => {
    if (cancelling.signal.aborted) {
      if (performance.now() - cancelledAt < echoMs) return;
      endOrphans(orphansOf(trackingId));
      process.exit(130);
    }
    console.error('The job is cancelled. Once more ends it at once.');
    cancelledAt = performance.now();
    cancelling.abort();
  });
  return cancelling.signal;
}

/** A runner's image has a fit Node first in its PATH; this machine may have an older one. */
function environment({ env, pass }: Pick<Options, 'env' | 'pass'>): Record<string, string> {
  const passed = [...passedAlways, ...pass].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const all: Record<string, string> = { ...Object.fromEntries(passed), ...env };
  return { ...all, PATH: [dirname(process.execPath), all['PATH'] ?? ''].filter(Boolean).join(delimiter) };
}

function pair(text: string, before: Record<string, string>): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('is not name=value.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function more(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

try {
  await program.parseAsync();
} catch (failure) {
  // An action that GitHub would refuse: its complaints say file, line and column.
  console.error(failure instanceof Error ? failure.message : failure);
  process.exitCode = 1;
}
