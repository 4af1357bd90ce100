import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HelmCalls } from '../../src/installers/helm-calls.ts';
import { HelmMissing } from '../../src/installers/helm-errors.ts';
import { helmInstaller } from '../../src/installers/helm-installer.ts';
import { helmReleases } from '../../src/installers/helm-releases.ts';
import { createProcessRunner, type ProcessResult, type ProcessRunner } from '../../src/istioctl/process-runner.ts';
import type { Install } from '../../src/ports/installer.ts';

const to = { name: 'istiod-1-31-0', namespace: 'istio-system' };
const from = { name: 'istiod-1-30-4', namespace: 'istio-system' };
const base = { name: 'istio-base', namespace: 'istio-system' };
const asked: Install = { revision: '1-31-0', version: '1.31.0', release: to, set: [], readinessTimeoutMs: 1_000 };
const url = 'https://charts.example.com';
const charts = {
  base: { reference: 'base', repository: url },
  istiod: { reference: 'istiod', repository: url },
};

const notFound: Partial<ProcessResult> = { exitCode: 1, stderr: 'Error: release: not found\n' };
const says = (stdout: string): Partial<ProcessResult> => ({ stdout });

/** A helm that answers calls by the beginning of their words; any other call throws and names itself. */
function helmThatSays(answers: Readonly<Record<string, Partial<ProcessResult> | readonly Partial<ProcessResult>[]>>) {
  const calls: string[] = [];
  const given: string[] = [];
  const left = new Map(Object.entries(answers).map(([call, answer]) => [call, [answer].flat()]));
  const runner: ProcessRunner = {
    run: async (args, { stdin }) => {
      const call = args.join(' ');
      const known = [...left.keys()].find((beginning) => call.startsWith(beginning));
      if (known === undefined) throw new Error(`not scripted: helm ${call}`);
      calls.push(call);
      if (stdin !== undefined) given.push(stdin);
      const queue = left.get(known) ?? [];
      const answer = queue.length > 1 ? queue.shift() : queue[0];
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answer };
    },
  };
  const helm = new HelmCalls(runner, { timeoutMs: 1_000, kubeconfig: '/of/this/run', context: 'prod' });
  return { installer: helmInstaller(helm, charts, 'istio-system'), helm: helmReleases(helm), calls, given };
}

const cluster = '--kubeconfig /of/this/run --kube-context prod';
const place = `istiod --repo ${url} --version 1.31.0 -n istio-system -f -`;
const settings = '--set global.istioNamespace=istio-system --set revision=1-31-0';
const changing = (calls: readonly string[]) => calls.filter((call) => !call.startsWith('get '));

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'helm-installer-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('an install by helm', () => {
  it('makes a release of its own from the chart of the target version, and waits for nothing', async () => {
    const { installer, calls } = helmThatSays({ 'get metadata': notFound, install: says('NAME: istiod-1-31-0') });
    await installer.install({ ...asked, set: ['values.pilot.env.A=b', 'meshConfig.accessLogFile=x'] });
    expect(changing(calls)).toEqual([
      `install istiod-1-31-0 ${place} --set pilot.env.A=b --set meshConfig.accessLogFile=x ${settings} ${cluster}`,
    ]);
  });

  it('gives what is carried over and the files, without what belongs to one revision', async () => {
    const file = join(folder, 'values.yaml');
    writeFileSync(file, 'revisionTags: [default]\nmeshConfig: { accessLogFile: /dev/stdout }\n');
    const { installer, given } = helmThatSays({ template: says('kind: A\nmetadata: { name: a }') });
    const carried = { meshConfig: { accessLogFile: 'x', rootNamespace: 'y' }, defaultRevision: '1-30-4' };
    await installer.preview({ ...asked, carried, valuesFiles: [file] });
    expect(given.map((text) => JSON.parse(text) as unknown)).toEqual([
      { meshConfig: { accessLogFile: '/dev/stdout', rootNamespace: 'y' } },
    ]);
  });

  it('refuses an IstioOperator before it starts anything', async () => {
    const file = join(folder, 'operator.yaml');
    writeFileSync(file, 'kind: IstioOperator\nspec: {}\n');
    const { installer, calls } = helmThatSays({});
    await expect(installer.preview({ ...asked, valuesFiles: [file] })).rejects.toMatchObject({
      code: 'VALUES_UNREADABLE',
      message: `${file} cannot be used as values: it is an IstioOperator, and Helm takes values of the charts.`,
    });
    expect(calls).toEqual([]);
  });

  it.for([
    { status: 'deployed', does: ['upgrade'] },
    { status: 'failed', does: ['upgrade'] },
    { status: 'pending-install', does: ['uninstall', 'install'] },
    { status: 'pending-upgrade', does: ['uninstall', 'install'] },
    { status: 'uninstalling', does: ['uninstall', 'install'] },
  ])('begins with $does where an earlier run left the release $status', async ({ status, does }) => {
    const { installer, calls } = helmThatSays({
      'get metadata': says(JSON.stringify({ status })),
      'get manifest': says(''),
      upgrade: {},
      uninstall: {},
      install: {},
    });
    await installer.install(asked);
    expect(changing(calls).map((call) => call.split(' ')[0])).toEqual(does);
    expect(changing(calls).at(-1)).toContain(settings);
  });

  it('that helm refuses fails with its last words', async () => {
    const stderr = 'level=WARN msg="x"\nError: INSTALLATION FAILED: chart "istiod" version "1.31.0" not found\n';
    const { installer } = helmThatSays({ 'get metadata': notFound, install: { exitCode: 1, stderr } });
    await expect(installer.install(asked)).rejects.toMatchObject({
      code: 'HELM_FAILED',
      message: expect.stringContaining('ended with exit code 1: Error: INSTALLATION FAILED: chart "istiod"') as string,
    });
  });
});

describe('an upgrade of the CRDs by helm', () => {
  const held = '---\nkind: ValidatingWebhookConfiguration\nmetadata:\n  name: istiod-default-validator\n';
  const deployed = { 'get metadata': says('{"status":"deployed"}'), 'get manifest': says(held) };
  const upgrade = { release: base, version: '1.31.0', defaultRevision: '1-30-4' };
  const command = `upgrade istio-base base --repo ${url} --version 1.31.0 -n istio-system --reset-then-reuse-values`;
  const conflict = (name: string) => ({
    exitCode: 1,
    stderr: `Error: UPGRADE FAILED: conflict occurred while applying object /${name} admissionregistration.k8s.io/v1, Kind=X: Apply failed with 7 conflicts: conflicts with "istio-ci":\n- .metadata.labels.release\n`,
  });

  it('keeps the values of the release and what the validator points to', async () => {
    const { installer, calls } = helmThatSays({ ...deployed, upgrade: {} });
    await installer.upgradeDefinitions?.(upgrade);
    expect(changing(calls)).toEqual([`${command} --set defaultRevision=1-30-4 ${cluster}`]);
  });

  it('sets no default revision where the release has no validator', async () => {
    const { installer, calls } = helmThatSays({ ...deployed, 'get manifest': says(''), upgrade: {} });
    await installer.upgradeDefinitions?.(upgrade);
    expect(changing(calls)).toEqual([`${command} ${cluster}`]);
  });

  it('forces the fields of the validator that istioctl wrote, and of nothing else', async () => {
    const forced = helmThatSays({ ...deployed, upgrade: [conflict('istiod-default-validator'), {}] });
    await forced.installer.upgradeDefinitions?.(upgrade);
    expect(changing(forced.calls).at(-1)).toBe(`${command} --set defaultRevision=1-30-4 --force-conflicts ${cluster}`);
    const refused = helmThatSays({ ...deployed, upgrade: conflict('virtualservices.networking.istio.io') });
    await expect(refused.installer.upgradeDefinitions?.(upgrade)).rejects.toMatchObject({ code: 'HELM_FAILED' });
    expect(changing(refused.calls)).toHaveLength(1);
  });
});

describe('a removal by helm', () => {
  const removal = { revision: '1-30-4', version: '1.30.4', release: from };

  it('shows what the manifest holds, without what it says to keep', async () => {
    const manifest = [
      '# Source: istiod',
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: istiod-1-30-4\n  namespace: istio-system\nspec: {}',
      'kind: CustomResourceDefinition\nmetadata:\n  name: a.istio.io\n  annotations:\n    "helm.sh/resource-policy": keep',
      'kind: ClusterRole\nmetadata:\n  name: istiod-clusterrole-1-30-4-istio-system\n  annotations:',
    ].join('\n---\n');
    const { installer } = helmThatSays({
      'get metadata': says('{"status":"deployed"}'),
      'get manifest': says(manifest),
    });
    expect(await installer.previewRemoval(removal)).toEqual([
      { kind: 'Service', name: 'istiod-1-30-4', namespace: 'istio-system' },
      { kind: 'ClusterRole', name: 'istiod-clusterrole-1-30-4-istio-system' },
    ]);
  });

  it('removes the release and nothing else, and is no failure when it is gone', async () => {
    const { installer, calls } = helmThatSays({ 'uninstall ': {}, 'get metadata': notFound });
    await installer.remove(removal);
    expect(calls).toEqual([`uninstall istiod-1-30-4 -n istio-system --ignore-not-found ${cluster}`]);
    expect(await installer.previewRemoval(removal)).toEqual([]);
  });
});

describe('helm', () => {
  it('says its version', async () => {
    expect(await helmThatSays({ version: says('v4.3.1') }).helm.version()).toBe('4.3.1');
    await expect(helmThatSays({ version: says('hello') }).helm.version()).rejects.toMatchObject({
      code: 'HELM_UNREADABLE',
    });
  });

  it('that does not exist is named', async () => {
    const runner = createProcessRunner({ binary: './no-helm', env: {}, folder, missing: HelmMissing.because });
    await expect(helmReleases(new HelmCalls(runner, { timeoutMs: 1_000 })).version()).rejects.toMatchObject({
      code: 'HELM_MISSING',
      message: 'Cannot start ./no-helm: there is no such program.',
    });
  });

  it('that does not end is named with its command', async () => {
    const { helm } = helmThatSays({ 'get metadata': { timedOut: true } });
    await expect(helm.release(to)).rejects.toMatchObject({
      code: 'HELM_TIMEOUT',
      message: expect.stringContaining(
        '`helm get metadata -o json istiod-1-31-0 -n istio-system` was stopped',
      ) as string,
    });
  });
});
