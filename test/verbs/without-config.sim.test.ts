import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { type ServedSim, serveSim } from '../../harness/rehearsal/sim/serve/serve-sim.ts';
import { runCli } from '../../src/cli/program.ts';
import { configOf, goUpgrade, journalIn, New, Old, servingMesh, tagAt, tagIn } from '../engine/engine-fixtures.ts';

const seed = 20;
/** Product and simulator have one clock here, which the heartbeat of the lock needs. */
const speed = 1;

interface Mesh extends ServedSim {
  folder: string;
}

interface Left {
  tags?: readonly string[];
  /** `kill` leaves the lock held. */
  how?: 'kill' | 'interrupt';
  on?: string;
}

/** A mesh in which an upgrade of each tag ended right after it had moved the tag. */
async function leftAfterTheTag({ tags = ['default'], how = 'interrupt', on = 'cancel: rollback' }: Left = {}) {
  const sim = await servingMesh({ seed });
  for (const tag of tags) {
    if (tag !== 'default') await addTag(sim, tag);
    const waves = tag === 'default' ? '' : `[{ name: canary, namespaces: [${tag}] }]`;
    const left = await goUpgrade(sim, {
      config: configOf({ waves, more: `mesh: { tag: ${tag} }\non: { ${on} }` }),
      runId: `dead-${tag}`,
      disturb: { how, at: (event) => event.kind === 'stage-done' && event.step === 'move-tag' },
    });
    expect(left.kind).toBe(how === 'kill' ? 'killed' : 'interrupted');
  }
  return sim;
}

/** A tag on the old revision, and a namespace that follows it. */
async function addTag(sim: Sim, tag: string): Promise<void> {
  const args = ['tag', 'set', tag, '--revision', Old, '--overwrite'];
  await sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 60_000 }));
  sim.addNamespace({ name: tag, labels: { 'istio.io/rev': tag }, workloads: [{ name: 'app', replicas: 2 }] });
  await sim.advance(6 * 60_000);
}

async function serve(sim: Sim): Promise<Mesh> {
  const folder = mkdtempSync(join(tmpdir(), 'without-config-'));
  const served = await serveSim(sim, { folder, speed });
  onTestFinished(async () => {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...served, folder };
}

/** The command line in this process, from a folder with the kubeconfig. */
async function cli({ kubeconfig, istioctl }: Mesh, ...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  const stream = (to: keyof typeof printed) => ({
    write: (text: string) => {
      printed[to] += text;
    },
  });
  const host = {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    argv: ['node', 'main', ...args, '--istioctl', istioctl],
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig },
    on: () => undefined,
    off: () => undefined,
  };
  const exitCode = await runCli(host as unknown as NodeJS.Process);
  return { exitCode, ...printed };
}

const good = `target: { version: 1.31.0 }
waves: [{ name: canary, namespaces: [bar] }]
gate: { prometheus: "http://prometheus:9090" }
`;

/** What may be wrong with a config, and the warning about it. */
const faults = {
  'is missing': { text: undefined, says: /--config: file .*istio-upgrade\.yaml cannot be used: ENOENT/ },
  'is not YAML': {
    text: 'target: { version: 1.31.0\nwaves: [',
    says: /istio-upgrade\.yaml:2:\d+: this is not valid YAML/,
  },
  'is empty': { text: '', says: /istio-upgrade\.yaml:1:1: target is missing/ },
  'has a wrong key': { text: `${good}paec: {}\n`, says: /istio-upgrade\.yaml:4:1: the config has no key "paec"/ },
  'has a wrong type': { text: `${good}soak: 30\n`, says: /istio-upgrade\.yaml:4:7: soak 30 has no unit/ },
  'has a gate that cannot be parsed': {
    text: good.replace(' }\n', ', checks: [{ name: a, query: "sum(", max: 1 }] }\n'),
    says: /istio-upgrade\.yaml:\d+:\d+: /,
  },
} as const satisfies Record<string, { text: string | undefined; says: RegExp }>;

const verbs = {
  status: { args: [], exitCode: 0, tag: New, says: /Upgrade 1-30-4 -> 1-31-0 \(run dead-default\): running/ },
  unlock: { args: ['--holder', 'dead-default'], exitCode: 0, tag: New, says: /The lock of tag default is free/ },
  rollback: { args: [], exitCode: 0, tag: Old, says: /rolled-back: Everything runs 1-30-4 again/ },
  finalize: { args: [], exitCode: 5, tag: Old, says: /The run was cancelled, and the policy says to roll back/ },
} as const;

const cells = Object.entries(verbs).flatMap(([verb, expected]) =>
  Object.entries(faults).map(([fault, config]) => ({ verb, fault, expected, config })),
);

/** Puts the way to another mesh into the kubeconfig of this one. */
function addContext({ kubeconfig }: Mesh, name: string, other: Mesh): void {
  const [ours, theirs] = [kubeconfig, other.kubeconfig].map((file) => parse(readFileSync(file, 'utf8')));
  ours.clusters.push({ ...theirs.clusters[0], name });
  ours.users.push({ ...theirs.users[0], name });
  ours.contexts.push({ name, context: { cluster: name, user: name } });
  writeFileSync(kubeconfig, stringify(ours));
}

function write({ folder }: Mesh, text: string | undefined): string {
  const file = join(folder, 'istio-upgrade.yaml');
  if (text !== undefined) writeFileSync(file, text);
  return file;
}

describe(`a verb that needs no config (seed ${seed})`, () => {
  it.for(cells)(
    '$verb works although the config $fault, and says what is wrong',
    async ({ verb, expected, config }) => {
      const mesh = await serve(await leftAfterTheTag({ how: verb === 'unlock' ? 'kill' : 'interrupt' }));
      const ran = await cli(mesh, verb, ...expected.args, '--config', write(mesh, config.text));
      expect(ran.stderr).toContain('! CONFIG_NOT_USED: ');
      expect(ran.stderr).toMatch(config.says);
      expect(ran.stderr).toContain('Instead: tag "default" in istio-system, ');
      expect(ran.exitCode, ran.stderr).toBe(expected.exitCode);
      expect(ran.stdout + ran.stderr).toMatch(expected.says);
      expect(tagIn(mesh.sim)).toEqual(tagAt(expected.tag));
      expect(ran.stdout + ran.stderr).not.toContain(mesh.token);
    },
  );

  it.for([
    { what: 'is for another target', text: good.replace('1.31.0', '1.32.0') },
    {
      what: 'names a secret that is not set',
      text: good.replace('"http://prometheus:9090"', '{ url: "http://prometheus:9090", bearerTokenEnv: NOT_SET }'),
    },
  ])('rollback goes back to where the journal says, without a warning, although the config $what', async ({ text }) => {
    const mesh = await serve(await leftAfterTheTag());
    const ran = await cli(mesh, 'rollback', '--config', write(mesh, text));
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stderr).not.toContain('CONFIG_NOT_USED');
    expect(tagIn(mesh.sim)).toEqual(tagAt(Old));
  });

  it('finalize holds if the config of the upgrade said so, although that config is missing', async () => {
    const mesh = await serve(await leftAfterTheTag({ on: 'cancel: hold' }));
    const ran = await cli(mesh, 'finalize', '--config', write(mesh, undefined));
    expect(ran.exitCode, ran.stderr).toBe(4);
    expect(tagIn(mesh.sim)).toEqual(tagAt(New));
  });

  it.for(Object.entries(verbs))(
    '%s finds no upgrade when --context leads to another cluster, and changes nothing in either',
    async ([verb, { args }]) => {
      const left = await serve(await leftAfterTheTag({ how: verb === 'unlock' ? 'kill' : 'interrupt' }));
      const other = await serve(await servingMesh({ seed: seed + 1 }));
      addContext(left, 'other', other);
      const file = write(left, faults['has a wrong key'].text);
      const ran = await cli(left, verb, ...args, '--config', file, '--context', 'other');
      expect(ran.stderr).toContain('! CONFIG_NOT_USED: ');
      expect(ran.stdout + ran.stderr).toMatch(
        /NO_UPGRADE_TO_ROLL_BACK|LOCK_HOLDER_DIFFERS|No upgrade is under way|No upgrade has been made with this tool/,
      );
      expect([tagIn(left.sim), tagIn(other.sim)]).toEqual([tagAt(New), tagAt(Old)]);
    },
  );
});

describe(`which upgrade is meant when the config cannot be used (seed ${seed})`, () => {
  it('is asked if the cluster holds several journals, and nothing is changed', async () => {
    const mesh = await serve(await leftAfterTheTag({ tags: ['default', 'prod'] }));
    for (const verb of ['rollback', 'status', 'finalize'] as const) {
      const ran = await cli(mesh, verb, '--config', write(mesh, undefined));
      expect(ran.exitCode).toBe(2);
      expect(ran.stderr).toContain('✘ UPGRADE_UNCLEAR: ');
      expect(ran.stderr).toContain('several journals: tag "default" in istio-system, tag "prod" in istio-system.');
      expect(ran.stderr).toContain('--tag');
    }
    expect(tagIn(mesh.sim)).toEqual(tagAt(New));
    const ran = await cli(mesh, 'rollback', '--config', write(mesh, undefined), '--tag', 'prod');
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('Instead: tag "prod" in istio-system, ');
    expect(journalIn(mesh.sim, 'prod')?.state).toBe('rolled-back');
    expect(tagIn(mesh.sim)).toEqual(tagAt(New));
  });

  it('is what its part mesh names, so that the upgrade of another tag is left alone', async () => {
    const mesh = await serve(await leftAfterTheTag());
    const ran = await cli(mesh, 'rollback', '--config', write(mesh, `mesh: { tag: prod }\n${good}soak: 30\n`));
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain('Instead: tag "prod" in istio-system, as `mesh` in the config says.');
    expect(ran.stderr).toContain('The cluster holds no journal of tag "prod"');
    expect(tagIn(mesh.sim)).toEqual(tagAt(New));
  });

  it('is the only one in the cluster if its part mesh may be misspelt', async () => {
    const mesh = await serve(await leftAfterTheTag());
    const ran = await cli(mesh, 'rollback', '--config', write(mesh, `mehs: { tag: prod }\n${good}`));
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('tag "default" in istio-system, whose journal is the only one in the cluster.');
    expect(tagIn(mesh.sim)).toEqual(tagAt(Old));
  });

  it('is unknown without a journal, and rollback says that there is nothing to go back to', async () => {
    const mesh = await serve(await servingMesh({ seed }));
    const ran = await cli(mesh, 'rollback', '--config', write(mesh, undefined));
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain('the default; the cluster holds no journal of an upgrade.');
    expect(ran.stderr).toContain('✘ NO_UPGRADE_TO_ROLL_BACK: ');
    expect(tagIn(mesh.sim)).toEqual(tagAt(Old));
  });
});

describe('a verb that needs its config', () => {
  it.for(['check', 'plan', 'upgrade'])('%s refuses each of these configs before the first request', async (verb) => {
    const mesh = await serve(await servingMesh({ seed }));
    for (const { text, says } of Object.values(faults)) {
      rmSync(join(mesh.folder, 'istio-upgrade.yaml'), { force: true });
      const ran = await cli(mesh, verb, '--config', write(mesh, text));
      expect(ran.exitCode).toBe(2);
      expect(ran.stderr).toMatch(says);
    }
    expect(mesh.requests()).toBe(0);
  });
});
