import { describe, expect, it } from 'vitest';
import { createSim, type Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { Deployments, MutatingWebhooks, Services, ValidatingWebhooks } from '../../../src/ports/kinds.ts';
import type { WebhookConfiguration } from '../../../src/ports/objects.ts';
import { send } from './send.ts';

const istioctl = (sim: Sim, ...args: string[]) =>
  sim.run(sim.istioctlProcess('1.31.0').run(args, { timeoutMs: 600_000 }));
const installNew = async (sim: Sim) => {
  await istioctl(
    sim,
    'install',
    '-y',
    '--set',
    'profile=minimal',
    '--revision',
    '1-31-0',
    '--readiness-timeout',
    '60s',
  );
  await sim.settle();
};
const moveTag = (sim: Sim, revision: string, ...more: string[]) =>
  istioctl(sim, 'tag', 'set', 'default', '--revision', revision, '--overwrite', ...more);

/** One line for each webhook configuration and istiod Service, as the transcripts print the state. */
function state(sim: Sim): string[] {
  const webhooks = (title: string, kind: typeof MutatingWebhooks) =>
    sim.store.list<WebhookConfiguration>(kind).map(({ metadata: { name, labels }, webhooks: [first] = [] }) => {
      const ca = first?.clientConfig.caBundle ? 'ca' : 'no-ca';
      return `${title} ${name} rev=${labels?.['istio.io/rev'] ?? '-'} -> ${first?.clientConfig.service?.name} ${title === 'VWC' ? first?.failurePolicy : ca}`;
    });
  const services = sim.store
    .list(Services, 'istio-system')
    .map(({ metadata }) => `SVC ${metadata.name} rev=${metadata.labels?.['istio.io/rev']}`);
  return [...webhooks('MWC', MutatingWebhooks), ...webhooks('VWC', ValidatingWebhooks), ...services];
}
const probe = async (sim: Sim, namespace: string) => {
  const { body } = await send(sim, 'POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
    metadata: { name: 'p1' },
    spec: { containers: [{ name: 'p1', image: 'registry.example/app:1' }] },
  });
  return body.message ?? body.metadata.annotations?.['istio.io/rev'] ?? null;
};

const Before = [
  'MWC istio-revision-tag-default rev=1-30-4 -> istiod-1-30-4 ca',
  'MWC istio-sidecar-injector-1-30-4 rev=1-30-4 -> istiod-1-30-4 ca',
  'VWC istio-validator-1-30-4-istio-system rev=1-30-4 -> istiod-1-30-4 Fail',
  'VWC istiod-default-validator rev=1-30-4 -> istiod-1-30-4 Fail',
  'SVC istiod-1-30-4 rev=1-30-4',
  'SVC istiod-revision-tag-default rev=1-30-4',
];

describe('install', () => {
  it('puts the new revision beside the old one and moves nothing (10-stages)', async () => {
    const sim = await createSim();
    expect(state(sim)).toEqual(Before);
    await installNew(sim);
    expect(state(sim)).toEqual(expect.arrayContaining(Before));
    expect(state(sim)).toContain('MWC istio-sidecar-injector-1-31-0 rev=1-31-0 -> istiod-1-31-0 ca');
    expect(await probe(sim, 'foo')).toBe('1-30-4');
  });

  it('takes the default by itself when no default tag exists (41-default-taken-automatically)', async () => {
    const sim = await createSim();
    await istioctl(sim, 'tag', 'remove', 'default', '-y');
    expect(await probe(sim, 'foo')).toBeNull();
    await installNew(sim);
    expect(await probe(sim, 'foo')).toBe('1-31-0');
  });

  it('leaves what it applied when istiod does not get ready, and names the container (34-install-failures, 45-install-more)', async () => {
    const sim = await createSim();
    const args = ['install', '-y', '--set', 'profile=minimal', '--revision', 'bad-tag', '--set', 'tag=9.9.9'];
    const { exitCode, stderr } = await istioctl(sim, ...args, '--readiness-timeout', '12s');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'Error: failed to install manifests: failed to wait for resource: resources not ready after 12s: context deadline exceeded\n  Deployment/istio-system/istiod-bad-tag (container failed to start: ErrImagePull: no such image docker.io/istio/pilot:9.9.9)',
    );
    expect(state(sim)).toContain('MWC istio-sidecar-injector-bad-tag rev=bad-tag -> istiod-bad-tag no-ca');
    expect(state(sim)).toContain('VWC istio-validator-bad-tag-istio-system rev=bad-tag -> istiod-bad-tag Ignore');
  });

  it.for([
    { args: ['install', '-y', '--revision', '1.31.0'], text: 'Error: invalid revision specified: 1.31.0' },
    { args: ['install', '--set', 'profile=minimal', '--revision', '1-31-0'], text: 'Cancelled.' },
    { args: ['install', '-y', '--set', 'profile=nope'], text: 'profile "nope" not found' },
  ])('ends $args with 1 and changes nothing', async ({ args, text }) => {
    const sim = await createSim();
    const { exitCode, stderr } = await istioctl(sim, ...args);
    expect({ exitCode, has: stderr.includes(text) }).toEqual({ exitCode: 1, has: true });
    expect(state(sim)).toEqual(Before);
  });

  it('removes its gateway when it is run again with a smaller profile (45-install-more)', async () => {
    const sim = await createSim();
    await istioctl(sim, 'install', '-y', '--revision', '1-31-0');
    expect(sim.store.get(Deployments, 'istio-ingressgateway', 'istio-system')).toBeDefined();
    const { stdout } = await istioctl(sim, 'install', '-y', '--set', 'profile=minimal', '--revision', '1-31-0');
    expect(stdout).toContain('  Removed apps/v1, Kind=Deployment/istio-ingressgateway.istio-system.');
    expect(sim.store.get(Deployments, 'istio-ingressgateway', 'istio-system')).toBeUndefined();
  });
});

describe('tag set', () => {
  it('moves webhook, Service and validator, keeps the installer labels, and comes back (10-stages, objects/3)', async () => {
    const sim = await createSim();
    await installNew(sim);
    const { stdout } = await moveTag(sim, '1-31-0');
    expect(stdout).toContain('Revision tag "default" created, referencing control plane revision "1-31-0".');
    await sim.settle();
    expect(state(sim)).toContain('MWC istio-revision-tag-default rev=1-31-0 -> istiod-1-31-0 ca');
    expect(state(sim)).toContain('VWC istiod-default-validator rev=1-31-0 -> istiod-1-31-0 Fail');
    expect(state(sim)).toContain('SVC istiod-revision-tag-default rev=1-31-0');
    expect(await probe(sim, 'foo')).toBe('1-31-0');
    const { labels, managedFields } = sim.registry.get(MutatingWebhooks, 'istio-revision-tag-default').metadata;
    expect(labels).toMatchObject({ 'operator.istio.io/version': '1.30.4', 'istio.io/tag': 'default' });
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'istio-ci', operation: 'Apply' }));
    await moveTag(sim, '1-30-4');
    expect(await probe(sim, 'foo')).toBe('1-30-4');
  });

  it.for([
    {
      args: ['default', '--revision', '9-9-9', '--overwrite'],
      text: 'cannot modify tag: cannot find MutatingWebhookConfiguration or Service with revision "9-9-9"',
    },
    {
      args: ['default', '--revision', '1-30-4'],
      text: 'revision tag "default" already exists, and --overwrite is false',
    },
    {
      args: ['1-30-4', '--revision', '1-30-4'],
      text: 'cannot create revision tag "1-30-4": found existing control plane revision with same name',
    },
    { args: ['default'], text: 'required flag(s) "revision" not set' },
  ])('fails with: $text (32-tag)', async ({ args, text }) => {
    const sim = await createSim();
    expect(await istioctl(sim, 'tag', 'set', ...args)).toMatchObject({ exitCode: 1, stderr: `Error: ${text}\n` });
    expect(state(sim)).toEqual(Before);
  });

  const duplicate = (sim: Sim, labels: Record<string, string>) => {
    const { webhooks = [] } = sim.registry.get<WebhookConfiguration>(MutatingWebhooks, 'istio-revision-tag-default');
    sim.registry.create(MutatingWebhooks, { metadata: { name: 'zz-dup', labels }, webhooks } as WebhookConfiguration, {
      manager: 'kubectl',
    });
  };

  it('declines a conflict that it sees, and ends with 0 (33-tag-conflict)', async () => {
    const sim = await createSim();
    await installNew(sim);
    duplicate(sim, {});
    const { exitCode, stdout, stderr } = await moveTag(sim, '1-31-0');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Apply anyways? [y/N] ' });
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      'creating tag would conflict, pass --skip-confirmation to proceed:',
      'Error [IST0139] (MutatingWebhookConfiguration istio-revision-tag-default ) Webhook overlaps with others: [zz-dup/namespace.sidecar-injector.istio.io]. This may cause injection to occur twice.',
    ]);
    expect(state(sim)).toContain('MWC istio-revision-tag-default rev=1-30-4 -> istiod-1-30-4 ca');
    expect(await sim.run(sim.istioctl('1.31.0').meshTool.tagConflicts('default', '1-31-0'))).toContain('IST0139');
    await moveTag(sim, '1-31-0', '-y');
    expect(state(sim)).toContain('MWC istio-revision-tag-default rev=1-31-0 -> istiod-1-31-0 ca');
  });

  it('does not see a duplicate that carries the old revision (33-tag-conflict)', async () => {
    const sim = await createSim();
    await installNew(sim);
    duplicate(sim, { 'istio.io/rev': '1-30-4', 'istio.io/tag': 'dup' });
    expect(await sim.run(sim.istioctl('1.31.0').meshTool.tagConflicts('default', '1-31-0'))).toBe('');
    expect(await moveTag(sim, '1-31-0')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('refuses two canonical webhooks, and panics without one (33-tag-conflict, 42-split-and-panic)', async () => {
    const sim = await createSim();
    await installNew(sim);
    duplicate(sim, { 'istio.io/rev': '1-31-0' });
    expect(await moveTag(sim, '1-31-0')).toMatchObject({
      exitCode: 1,
      stderr: 'Error: cannot modify tag: found multiple canonical webhooks or services with revision "1-31-0"\n',
    });
    for (const name of ['zz-dup', 'istio-sidecar-injector-1-31-0']) sim.registry.delete(MutatingWebhooks, { name });
    const { exitCode, stderr } = await moveTag(sim, '1-31-0');
    expect({ exitCode, panic: stderr.startsWith('panic: runtime error: index out of range') }).toEqual({
      exitCode: 2,
      panic: true,
    });
  });

  it('keeps the old certificate when the new istiod never started, and everything heals when it does (35-empty-cabundle)', async () => {
    const sim = await createSim();
    sim.kubelet.freeze();
    await istioctl(
      sim,
      'install',
      '-y',
      '--set',
      'profile=minimal',
      '--revision',
      '1-31-0',
      '--readiness-timeout',
      '5s',
    );
    await moveTag(sim, '1-31-0');
    await istioctl(sim, 'tag', 'set', 'canary2', '--revision', '1-31-0');
    expect(state(sim)).toContain('MWC istio-revision-tag-default rev=1-31-0 -> istiod-1-31-0 ca');
    expect(state(sim)).toContain('MWC istio-revision-tag-canary2 rev=1-31-0 -> istiod-1-31-0 no-ca');
    expect(await probe(sim, 'foo')).toContain('no endpoints available for service "istiod-1-31-0"');
    sim.kubelet.thaw();
    await sim.settle();
    expect(await probe(sim, 'foo')).toBe('1-31-0');
    expect(state(sim)).toContain('MWC istio-revision-tag-canary2 rev=1-31-0 -> istiod-1-31-0 ca');
  });
});

describe('uninstall (37-uninstall)', () => {
  it('lists first and removes then, the Deployment and its pod a moment later; a second time there is nothing', async () => {
    const sim = await createSim();
    await installNew(sim);
    await moveTag(sim, '1-31-0');
    const preview = await sim.run(
      sim.istioctl('1.31.0').installer.previewRemoval({ revision: '1-30-4', version: '1.30.4' }),
    );
    expect(preview).toHaveLength(17);
    expect(preview[0]).toEqual({ kind: 'Deployment', name: 'istiod-1-30-4', namespace: 'istio-system' });
    const { exitCode } = await istioctl(sim, 'uninstall', '--revision', '1-30-4', '-y');
    expect(exitCode).toBe(0);
    expect(sim.pods('istio-system').some(({ metadata }) => metadata.name.startsWith('istiod-1-30-4'))).toBe(true);
    await sim.settle();
    expect(sim.pods('istio-system').map(({ metadata }) => metadata.labels?.['istio.io/rev'])).toEqual(['1-31-0']);
    expect(await istioctl(sim, 'uninstall', '--revision', '1-30-4', '-y')).toMatchObject({
      exitCode: 1,
      stderr: 'Error: could not find target revision\n',
    });
  });

  it('removes a default tag that the installer made, and injection stops without a message', async () => {
    const sim = await createSim();
    await installNew(sim);
    const { stdout } = await istioctl(sim, 'uninstall', '--revision', '1-30-4', '-y');
    expect(stdout).toContain('There are still 13 proxies pointing to the control plane revision 1-30-4\n');
    expect(stdout).toContain('  Removed /v1, Kind=Service/istiod-revision-tag-default.istio-system.\n');
    expect(await probe(sim, 'foo')).toBeNull();
  });

  it('leaves a tag that tag set made, and then no pod can start', async () => {
    const sim = await createSim();
    await istioctl(sim, 'tag', 'remove', 'default', '-y');
    await istioctl(sim, 'tag', 'set', 'default', '--revision', '1-30-4');
    await istioctl(sim, 'uninstall', '--revision', '1-30-4', '-y');
    await sim.settle();
    expect(await probe(sim, 'foo')).toBe(
      'Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod-1-30-4.istio-system.svc:443/inject?timeout=10s": service "istiod-1-30-4" not found',
    );
    // Istio's own configuration is refused in the same way.
    const gateway = await send(sim, 'POST', '/apis/networking.istio.io/v1/namespaces/foo/gateways', {
      metadata: { name: 'g' },
      spec: {},
    });
    expect(gateway.body.message).toContain('failed calling webhook "validation.istio.io"');
  });

  it('asks nothing without -y when it has nothing to warn about, and deletes at once (44-uninstall-without-y)', async () => {
    const sim = await createSim();
    await installNew(sim);
    const { exitCode } = await istioctl(sim, 'uninstall', '--revision', '1-31-0');
    expect(exitCode).toBe(0);
    await sim.settle();
    expect(sim.store.get(Deployments, 'istiod-1-31-0', 'istio-system')).toBeUndefined();
  });

  it('removes nothing of an istiod that istioctl does not own, and calls it complete (46-helm-like)', async () => {
    const sim = await createSim();
    await installNew(sim);
    const owner = { metadata: { labels: { 'install.operator.istio.io/owning-resource-namespace': null } } };
    for (const kind of sim.store.kinds()) {
      for (const { metadata } of sim.store.list(kind)) {
        if (metadata.labels?.['istio.io/rev'] === '1-31-0')
          sim.registry.patch(kind, metadata, { type: 'merge', body: owner });
      }
    }
    expect(await istioctl(sim, 'uninstall', '--revision', '1-31-0', '-y')).toMatchObject({
      exitCode: 0,
      stdout: 'No resources will be pruned from the cluster. Please double check the input configs\n\n',
    });
    expect(sim.store.get(Deployments, 'istiod-1-31-0', 'istio-system')).toBeDefined();
  });
});

describe('proxies and findings', () => {
  it('counts the proxies a revision injected, and takes its own client for one when it warns (44-uninstall-without-y)', async () => {
    const sim = await createSim();
    const { connectedProxies } = sim.istioctl('1.31.0').meshTool;
    expect(await sim.run(connectedProxies('1-30-4'))).toHaveLength(13);
    expect(await sim.run(connectedProxies('1-30-4'))).not.toContain('test-1.default');
    const warned = async () => (await istioctl(sim, 'uninstall', '--revision', '1-30-4', '--dry-run')).stdout;
    expect(await warned()).toContain('There are still 15 proxies');
    expect(await warned()).toContain('test-1.default\n');
    await sim.advance(31_000);
    expect(await warned()).toContain('There are still 13 proxies');
    expect(await sim.run(connectedProxies('9-9-9'))).toEqual([]);
  });

  it('finds nothing in a good mesh, and raises a false alarm for gateways when asked as the wrong revision (36-analyze)', async () => {
    const sim = await createSim();
    await installNew(sim);
    const { precheck, analyze } = sim.istioctl('1.31.0').meshTool;
    expect(await sim.run(precheck())).toEqual([]);
    const codes = async (revision: string) => (await sim.run(analyze(revision))).map(({ code }) => code);
    expect(await codes('1-30-4')).not.toContain('IST0146');
    expect(await codes('1-31-0')).toContain('IST0146');
  });
});
