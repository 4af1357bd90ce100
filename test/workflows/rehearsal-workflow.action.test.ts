import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { KIND_VERSION } from '../../harness/proof/kind/node-images.ts';
import { runWorkflow } from '../../harness/proof/runner/run-workflow.ts';
import { uploadArtifact } from '../../harness/proof/runner/stand-ins/upload-artifact.ts';
import { actionFolder, surroundings } from '../action/acting.ts';

const workflows = join(actionFolder, 'examples/workflows');
const binary = '#!/bin/sh\necho kind downloaded\n';
const sum = createHash('sha256').update(binary).digest('hex');

interface Occasion {
  event: 'schedule' | 'workflow_dispatch';
  /** The scenario that fails. */
  failing?: string;
  /** Number of the open issue. */
  open?: string;
  /** Published checksum of the download. */
  sum?: string;
}

/** Runs the example with stand-ins for curl, npm and gh that record their calls. */
async function rehearsal({ event, failing = 'none', open = '', sum: named = sum }: Occasion) {
  const acting = surroundings();
  const bin = join(acting.workspace, '../bin');
  const calls = join(acting.workspace, '../calls');
  mkdirSync(bin);
  const program = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/bash\necho "${name} $*" >>${calls}\n${script}`);
    chmodSync(join(bin, name), 0o755);
  };
  program(
    'curl',
    `while [[ $1 != --output ]]; do shift; done
if [[ $3 == *.sha256sum ]]; then echo '${named}  kind-linux' >"$2"; else cat >"$2" <<'E'\n${binary}E\nfi`,
  );
  program(
    'npm',
    `[[ "$1" == ci ]] && exit\nkind && mkdir -p rehearsal && echo "$*" >rehearsal/report.html\n[[ "$*" != *"--scenario ${failing}"* ]]`,
  );
  program('gh', `[[ "$1 $2" != 'issue list' ]] || echo '${open}'`);
  const ran = await runWorkflow({
    ...acting,
    file: join(workflows, 'rehearsal.yml'),
    workflows,
    env: { ...acting.env, PATH: [bin, acting.env['PATH']].join(delimiter) },
    toolCache: join(acting.temp, 'tools'),
    standIns: {
      'actions/checkout': ({ inputs, workspace }) => {
        expect(inputs['repository']).toBe('OWNER/istio-canary-upgrade');
        const script = 'harness/proof/kind/install-kind.sh';
        mkdirSync(join(workspace, 'harness/proof/kind'), { recursive: true });
        cpSync(join(actionFolder, script), join(workspace, script));
        return {};
      },
      'actions/upload-artifact': uploadArtifact(acting.artifacts),
    },
    github: { event_name: event, run_attempt: '1', run_id: '7', server_url: 'https://github.example.com' },
  });
  const said = readFileSync(calls, 'utf8').trim().split('\n');
  const kept = existsSync(acting.artifacts) ? readdirSync(acting.artifacts) : [];
  return { ran, said, kept, issues: said.filter((line) => line.startsWith('gh ') && !line.includes('issue list')) };
}

it('every row of the matrix is rehearsed through action.yml with the downloaded kind, and its report is kept', async () => {
  const { ran, said, kept } = await rehearsal({ event: 'workflow_dispatch' });
  expect(ran.result).toBe('success');
  expect(said).toContain(
    'npm run rehearse -- --backend kind --entry-point action --scenario bad-release --kubernetes 1.36 --hop 1.30.4..1.31.0 --report-folder rehearsal',
  );
  expect(said.find((line) => line.startsWith('curl'))).toContain(`/v${KIND_VERSION}/kind-linux-`);
  expect(kept).toContain('rehearsal-1.34-1.30.4..1.31.0-seed-1');
  expect(kept).toHaveLength(4);
});

it('a downloaded kind with another checksum than that of its release is not used', async () => {
  const { ran, said } = await rehearsal({ event: 'workflow_dispatch', sum: '0'.repeat(64) });
  expect(ran.result).toBe('failure');
  expect(said.filter((line) => line.startsWith('npm'))).toEqual([]);
});

const run = 'https://github.example.com/owner/caller/actions/runs/7';
it.for<Occasion & { does: string; said: readonly string[] }>([
  {
    does: 'a scheduled rehearsal that fails opens an issue',
    event: 'schedule',
    failing: 'bad-release',
    said: [
      'gh label create istio-rehearsal --description The rehearsal of the Istio upgrade fails --color B60205 --force',
      `gh issue create --title The rehearsal of the Istio upgrade fails --label istio-rehearsal --body Newest: ${run}`,
    ],
  },
  {
    does: 'a scheduled rehearsal that fails again updates the issue',
    event: 'schedule',
    failing: 'seed',
    open: '12',
    said: [`gh issue edit 12 --body Newest: ${run}`],
  },
  {
    does: 'a scheduled rehearsal that succeeds closes the issue',
    event: 'schedule',
    open: '12',
    said: [`gh issue close 12 --comment It succeeds again: ${run}`],
  },
  { does: 'a scheduled rehearsal that succeeds without an open issue changes no issue', event: 'schedule', said: [] },
  {
    does: 'a dispatched rehearsal that fails changes no issue, since a person watches it',
    event: 'workflow_dispatch',
    failing: 'seed',
    said: [],
  },
])('$does', async ({ said, ...occasion }) => {
  const { ran, issues } = await rehearsal(occasion);
  expect(issues).toEqual(said);
  expect(ran.result).toBe(occasion.failing === undefined ? 'success' : 'failure');
});
