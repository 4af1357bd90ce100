import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Lab } from '../../harness/proof/lab/lab.ts';
import { DEFAULT_RELEASES } from '../../harness/proof/lab/modules.ts';
import { createServiceAccount, deployedObjects } from '../../harness/proof/lab/service-account.ts';
import { type KubernetesObject, kubectl } from './mesh-edits.ts';
import { runProduct, startSeedLab, writeConfig } from './seed-lab.ts';
import type { Rule } from './service-account.ts';

/** Every verb on every resource that some roles stand for, one line each. */
function rightsOf(objects: readonly KubernetesObject[]): readonly string[] {
  const rules = objects.flatMap((object) => (object['rules'] as Rule[] | undefined) ?? []);
  const lines = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} ${group}`))),
  );
  return [...new Set(lines)];
}

/** What nothing of the second list covers; `*` stands for every resource of its group. */
function beyond(rights: readonly string[], covering: readonly string[]): readonly string[] {
  const covers = new Set(covering);
  return rights.filter((right) => {
    const [verb, , group] = right.split(' ');
    return !covers.has(right) && !covers.has(`${verb} * ${group}`);
  });
}

describe('the ServiceAccount of deploy/rbac.yaml, and no other credentials', () => {
  let lab: Lab;
  let credentials: string[];
  let account: Awaited<ReturnType<typeof createServiceAccount>>;
  let config: string[];
  beforeAll(async () => {
    lab = await startSeedLab();
    account = await createServiceAccount(lab, deployedObjects());
    credentials = ['--kubeconfig', account.kubeconfig];
    config = ['--config', writeConfig(lab, 'least-privilege')];
  });
  afterAll(async () => await lab?.stop());

  const run = (verb: string, ...more: string[]) => runProduct(lab, [verb, ...config, ...credentials, ...more]);
  const tagged = () =>
    kubectl(lab, [
      ...['get', 'mutatingwebhookconfiguration', 'istio-revision-tag-default'],
      ...['--output', 'jsonpath={.metadata.labels.istio\\.io/rev}'],
    ]);

  const writersOfTag = () =>
    kubectl(lab, [
      ...['get', 'mutatingwebhookconfiguration', 'istio-revision-tag-default', '--show-managed-fields'],
      ...['--output', 'jsonpath={.metadata.managedFields[*].manager}'],
    ]);

  it('may not delete namespaces or pods, escalate ClusterRoles or update Secrets', async () => {
    const asked = async (...words: string[]) =>
      String(
        (await lab.exec('kubectl', [...credentials, 'auth', 'can-i', ...words], { reject: false, timeout: 20_000 }))
          .stdout,
      );
    expect(await asked('delete', 'namespaces')).toBe('no');
    expect(await asked('delete', 'pods', '--all-namespaces')).toBe('no');
    expect(await asked('escalate', 'clusterroles')).toBe('no');
    expect(await asked('update', 'secrets', '--namespace', 'foo')).toBe('no');
  });

  it.for(DEFAULT_RELEASES)('may grant to istiod %s exactly the rights that its charts grant', async (version) => {
    const render = ['manifest', 'generate', '--set', 'profile=minimal', '--revision', 'x'];
    const { stdout } = await lab.exec(lab.binaries.istioctl(version), render, { timeout: 60_000 });
    const charts = rightsOf(parseAllDocuments(String(stdout)).flatMap((doc) => (doc.toJS() as KubernetesObject) ?? []));
    const lent = deployedObjects().filter(({ metadata }) => metadata.name === 'istio-canary-upgrade-lend');
    expect(beyond(charts, rightsOf(deployedObjects()))).toEqual([]);
    expect(beyond(rightsOf(lent), charts)).toEqual([]);
  });

  it('checks', async () => {
    const { exitCode, text } = await run('check');
    expect(exitCode, text).toBe(0);
  });

  it('checks, plans, exports and reports the status with only the look role', async () => {
    await account.undo();
    const looking = ['istio-canary-upgrade', 'istio-canary-upgrade-look'];
    account = await createServiceAccount(
      lab,
      deployedObjects().filter(({ metadata }) => looking.includes(metadata.name)),
    );
    for (const verb of ['check', 'plan', 'status', 'export']) {
      const { exitCode, text } = await run(verb);
      expect(exitCode, `${verb}: ${text}`).toBe(0);
    }
    const upgrade = await run('upgrade');
    expect([upgrade.exitCode, upgrade.text]).toEqual([3, expect.stringContaining('RBAC_MISSING')]);
    expect(await tagged()).toBe('1-30-4');
    await account.undo();
    account = await createServiceAccount(lab, deployedObjects());
  });

  it('upgrades up to the canary, and rolls back with only the look and rollback roles', async () => {
    const forward = await run('upgrade', '--through', 'canary');
    expect(forward.exitCode, forward.text).toBe(0);
    expect(await tagged()).toBe('1-31-0');
    expect((await run('status')).stdout).toMatch(/waiting/);
    await account.undo();
    const few = ['istio-canary-upgrade', 'istio-canary-upgrade-look', 'istio-canary-upgrade-rollback'];
    account = await createServiceAccount(
      lab,
      deployedObjects().filter(({ metadata }) => few.includes(metadata.name)),
    );
    const back = await run('rollback');
    expect(back.exitCode, back.text).toBe(0);
    expect(await tagged()).toBe('1-30-4');
    // By its own writes: istioctl is only asked when they are refused.
    expect(back.text).not.toContain('asking istioctl instead');
    expect(await writersOfTag()).toContain('istio-canary-upgrade');
    await account.undo();
    account = await createServiceAccount(lab, deployedObjects());
  });

  it('removes the new istiod after the rollback', async () => {
    const removal = await run('rollback', '--remove-new');
    expect(removal.exitCode, removal.text).toBe(0);
    const { items } = JSON.parse(
      await kubectl(lab, ['--namespace', 'istio-system', 'get', 'deployments', '--output', 'json']),
    ) as { items: KubernetesObject[] };
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['istiod-1-30-4']);
  });

  it('upgrades to the end', async () => {
    const { exitCode, text } = await run('upgrade');
    expect(exitCode, text).toBe(0);
    expect(text).toMatch(/✔ 8 /);
    expect(await tagged()).toBe('1-31-0');
  });
});
