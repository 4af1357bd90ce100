import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { Run } from '../../src/engine/run.ts';
import { upgrade } from '../../src/engine/upgrade.ts';
import { Deployments, MutatingWebhooks } from '../../src/ports/kinds.ts';
import type { MeshTool } from '../../src/ports/mesh-tool.ts';
import type { WebhookConfiguration } from '../../src/ports/objects.ts';
import { configOf, go, goUpgrade, journalIn, New, Old, servingMesh, tagAt, tagIn, Watcher } from './engine-fixtures.ts';

const seed = 16;
const tagName = 'istio-revision-tag-default';
const tagOf = (sim: Sim) => sim.registry.get<WebhookConfiguration>(MutatingWebhooks, tagName);
const scale = (sim: Sim, replicas: number) =>
  sim.registry.patch(
    Deployments,
    { name: `istiod-${New}`, namespace: 'istio-system' },
    { type: 'merge', body: { spec: { replicas } } },
    { manager: 'kubectl' },
  );
const tagCalls = (sim: Sim) => {
  const calls: string[][] = [];
  const before = sim.interceptIstioctl;
  sim.interceptIstioctl = (args) => {
    if (args[0] === 'tag' && args[1] === 'set') calls.push([...args]);
    return before(args);
  };
  return calls;
};
const installed = async (sim: Sim) => expect((await goUpgrade(sim, { through: '2' })).kind).toBe('reached');

describe(`stage 2 (seed ${seed})`, () => {
  const installs = (sim: Sim) => {
    const calls: string[][] = [];
    sim.interceptIstioctl = (args) => {
      if (args[0] === 'install') calls.push([...args]);
      return undefined;
    };
    return calls;
  };

  it('installs once, with profile minimal, and not again while the Deployment is as the config asks for it', async () => {
    const sim = await servingMesh({ seed });
    const calls = installs(sim);
    await installed(sim);
    scale(sim, 0);
    await sim.settle();
    const config = configOf({ more: 'pace: { rolloutTimeout: 2m }' });
    expect((await goUpgrade(sim, { runId: 'run2', config, through: '2', replan: true })).kind).not.toBe('reached');
    scale(sim, 1);
    await sim.settle();
    expect((await goUpgrade(sim, { runId: 'run3', config, replan: true })).kind).toBe('completed');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toContain('profile=minimal');
  });

  it('refuses a manifest that holds a gateway', async () => {
    const sim = await servingMesh({ seed });
    const calls = installs(sim);
    const config = configOf({ more: '' });
    const withGateway = { ...config, target: { ...config.target, set: ['profile=default'] } };
    expect(await goUpgrade(sim, { config: withGateway })).toMatchObject({
      kind: 'blocked',
      codes: expect.arrayContaining(['INSTALL_TOUCHES_MORE']),
    });
    expect(calls).toEqual([]);
  });

  it('refuses a mesh without the tag default before anything else', async () => {
    const sim = await servingMesh({ seed });
    await sim.run(sim.istioctlProcess('1.31.0').run(['tag', 'remove', 'default', '-y'], { timeoutMs: 60_000 }));
    const calls = installs(sim);
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('blocked');
    expect(run.codes).toContain('TAG_MISSING');
    expect(calls).toEqual([]);
    expect(journalIn(sim)).toBeUndefined();
  });

  it('completes from an istiod without a revision and a tag after the command that the refusal names', async () => {
    const sim = await servingMesh({ seed, revision: 'default' });
    const istioctl = async (command: string) =>
      await sim.run(sim.istioctlProcess('1.31.0').run(command.split(' ').slice(1), { timeoutMs: 60_000 }));
    await istioctl('istioctl tag remove default -y');
    await sim.settle();
    const refused = await goUpgrade(sim);
    expect(refused).toMatchObject({ kind: 'blocked', codes: ['TAG_MISSING'] });
    const command = /istioctl .*$/.exec(refused.outcome?.problems[0]?.fix ?? '')?.[0] ?? '';
    expect(command).toBe('istioctl tag set default --revision default');
    expect((await istioctl(command)).exitCode).toBe(0);
    await sim.settle();
    expect((await goUpgrade(sim, { runId: 'run2' })).kind).toBe('completed');
    expect(tagIn(sim)).toEqual(tagAt(New));
  });
});

describe(`stage 3 (seed ${seed})`, () => {
  it('does not move the tag to an istiod without endpoints', async () => {
    const sim = await servingMesh({ seed });
    await installed(sim);
    const calls = tagCalls(sim);
    scale(sim, 0);
    await sim.settle();
    const config = configOf({ more: 'pace: { rolloutTimeout: 1m }' });
    const run = await goUpgrade(sim, { runId: 'run2', config, replan: true });
    expect(['held', 'blocked']).toContain(run.kind);
    expect(calls).toEqual([]);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('does not move the tag while the CA bundle of the new injector is empty', async () => {
    const sim = await servingMesh({ seed });
    await installed(sim);
    const calls = tagCalls(sim);
    // No istiod patches it again: its label is another revision's.
    const injector = sim.registry.get<WebhookConfiguration>(MutatingWebhooks, `istio-sidecar-injector-${New}`);
    const webhooks = injector.webhooks?.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: '' },
    }));
    sim.store.put(MutatingWebhooks, {
      ...injector,
      metadata: { ...injector.metadata, labels: { ...injector.metadata.labels, 'istio.io/rev': 'another-mesh' } },
      webhooks,
    } as WebhookConfiguration);
    const config = configOf({ more: 'pace: { rolloutTimeout: 1m }' });
    const run = await goUpgrade(sim, { runId: 'run2', config, replan: true });
    expect(['held', 'blocked']).toContain(run.kind);
    expect(calls).toEqual([]);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('notices a copy of the tag that carries the label of the old revision, which istioctl does not see', async () => {
    const sim = await servingMesh({ seed });
    await installed(sim);
    const tag = tagOf(sim);
    sim.registry.create(
      MutatingWebhooks,
      { ...tag, metadata: { name: 'copy-of-the-tag', labels: tag.metadata.labels ?? {} } } as WebhookConfiguration,
      { manager: 'kubectl' },
    );
    expect(await sim.run(sim.istioctl('1.31.0').meshTool.tagConflicts('default', New))).toBe('');
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run.kind).toBe('blocked');
    expect(run.codes).toContain('DOUBLE_INJECTION');
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('reports a change without effect when istioctl declines it with exit code 0', async () => {
    const sim = await servingMesh({ seed });
    let calls = 0;
    const declines = (run: Run): Run => ({
      ...run,
      ports: {
        ...run.ports,
        meshTool: Object.assign(Object.create(run.ports.meshTool) as MeshTool, {
          setTag: () => {
            calls += 1;
            return Promise.resolve();
          },
        }),
      },
    });
    const run = await go(sim, (it) => upgrade(declines(it), configOf()));
    expect(run).toMatchObject({ kind: 'held', codes: ['EFFECT_WITHOUT_RESULT'] });
    expect(calls).toBe(2);
    expect(tagIn(sim)).toEqual(tagAt(Old));
  });

  it('holds when its change is undone repeatedly, and does not repeat it', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    // Whatever istioctl writes is put back at once.
    const original = tagOf(sim);
    sim.store.onChange(({ kind, object, type }) => {
      if (kind.plural !== MutatingWebhooks.plural || object.metadata.name !== tagName || type !== 'MODIFIED') return;
      if (object.metadata.labels?.['istio.io/rev'] === New)
        sim.in(0, () => {
          const { webhooks, metadata } = original;
          sim.registry.patch(
            MutatingWebhooks,
            { name: tagName },
            { type: 'merge', body: { metadata: { labels: metadata.labels }, webhooks } },
            { manager: 'argocd-controller' },
          );
        });
    });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['EFFECT_WITHOUT_RESULT'] });
    expect([...watcher.restarts]).toEqual([]);
  });

  it('repeats --auto-inject-namespaces, without which the webhook for unlabelled namespaces would go', async () => {
    const sim = await servingMesh({ seed });
    const tag = tagOf(sim);
    const [first] = tag.webhooks ?? [];
    const auto = {
      ...first,
      name: 'auto.sidecar-injector.istio.io',
      namespaceSelector: { matchExpressions: [{ key: 'wants-injection', operator: 'Exists' }] },
    };
    sim.registry.patch(
      MutatingWebhooks,
      { name: tagName },
      { type: 'merge', body: { webhooks: [...(tag.webhooks ?? []), auto] } },
      { manager: 'istio-ci' },
    );
    const calls = tagCalls(sim);
    // The simulated istioctl has no such webhook; what counts is what it was asked.
    await goUpgrade(sim, { through: '3' });
    expect(calls[0]).toContain('--auto-inject-namespaces');
  });
});
