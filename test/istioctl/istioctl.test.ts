import { describe, expect, it } from 'vitest';
import { type Istioctl, istioctlOver } from '../../src/istioctl/istioctl.ts';
import type { IstioctlOptions } from '../../src/istioctl/istioctl-calls.ts';
import type { ProcessResult } from '../../src/istioctl/process-runner.ts';
import type { Install } from '../../src/ports/installer.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
import { scriptedRunner } from './scripted-runner.ts';
import { transcript } from './transcript.ts';

const CLUSTER = '--log_target stderr --istioNamespace istio-system';
const install: Install = { revision: '1-31-0', version: '1.31.0', set: [], readinessTimeoutMs: 100_000 };
const INSTALL = 'install -y --set profile=minimal --revision 1-31-0 --set values.global.istioNamespace=istio-system';

/** istioctl of which exactly one call is known. */
function answering(command: string, answer: ProcessResult, options?: Partial<IstioctlOptions>): Istioctl {
  return istioctlOver(scriptedRunner({ [command]: answer }).runner, { istioNamespace: 'istio-system', ...options });
}

const said = (stdout: string, stderr = '', exitCode = 0): ProcessResult => ({
  exitCode,
  stdout,
  stderr,
  timedOut: false,
});

describe('every istioctl call', () => {
  it('names the cluster and the namespace of istiod, and keeps log lines away from stdout', async () => {
    const command =
      'analyze --all-namespaces -o json --revision 1-30-4 --log_target stderr --kubeconfig k.yaml --context prod --istioNamespace mesh';
    const options = { kubeconfig: 'k.yaml', context: 'prod', istioNamespace: 'mesh' };
    expect(await answering(command, said('[]'), options).meshTool.analyze('1-30-4')).toEqual([]);
  });

  it('fails at its deadline with the command, the duration and its output so far', async () => {
    const hung = { ...said('', '2026-11-22T21:56:01Z\terror\twatch error in cluster\n', 143), timedOut: true };
    const istioctl = answering(`x precheck -o json ${CLUSTER}`, hung, { timeouts: { analyzeMs: 90_000 } });
    await expect(istioctl.meshTool.precheck()).rejects.toMatchObject({
      code: 'ISTIOCTL_TIMEOUT',
      message:
        '`istioctl x precheck -o json` was stopped after 1m30s. Its last words: 2026-11-22T21:56:01Z\terror\twatch error in cluster',
    });
  });
});

describe('istioctl version', () => {
  it('is the version of the binary, without a request to the cluster', async () => {
    const command = 'version --remote=false -o json --log_target stderr';
    expect(await answering(command, transcript('version')).meshTool.version()).toBe('1.30.4');
  });
});

describe('istioctl precheck', () => {
  const precheck = (answer: ProcessResult) => answering(`x precheck -o json ${CLUSTER}`, answer).meshTool.precheck();

  it('has no findings when istioctl reports none, although it prints no JSON then', async () => {
    expect(await precheck(transcript('precheck-clean'))).toEqual([]);
  });

  it('does not count an empty answer as a clean cluster', async () => {
    await expect(precheck(said(''))).rejects.toMatchObject({ code: 'ISTIOCTL_UNREADABLE' });
  });

  it('takes findings from the JSON, although istioctl ends with 1', async () => {
    expect(await precheck(transcript('precheck-findings'))).toEqual([
      {
        code: 'IST0172',
        level: 'Warning',
        message: 'The Gateway API CRD version v1beta1 is lower than the minimum version: v1',
        origin: 'CustomResourceDefinition gateways.gateway.networking.k8s.io',
      },
    ]);
  });

  it.for([
    { reason: 'the API server cannot be reached', fixture: 'precheck-unreachable', says: 'connection refused' },
    {
      reason: 'rights are missing',
      fixture: 'precheck-forbidden',
      says: 'cannot list resource "customresourcedefinitions"',
    },
  ])('fails when $reason, which also ends with 1', async ({ fixture, says }) => {
    await expect(precheck(transcript(fixture))).rejects.toMatchObject({
      code: 'ISTIOCTL_FAILED',
      message: expect.stringContaining(says),
    });
  });
});

describe('istioctl analyze', () => {
  const analyze = (answer: ProcessResult) =>
    answering(`analyze --all-namespaces -o json --revision 1-30-4 ${CLUSTER}`, answer).meshTool.analyze('1-30-4');

  it('takes findings of every level from the JSON', async () => {
    const findings = await analyze(transcript('analyze-findings'));
    expect(findings.map(({ code, level, origin }) => `${level} ${code} ${origin}`)).toEqual([
      'Error IST0101 VirtualService foo/vs',
      'Error IST0101 VirtualService foo/vs',
      'Warning IST0123 Namespace foo',
      'Warning IST0132 VirtualService foo/vs',
      'Warning IST0146 Deployment istio-ingress/istio-ingressgateway',
      'Info IST0102 Namespace default',
    ]);
  });

  it('does not count an empty answer as no findings', async () => {
    await expect(analyze(said(''))).rejects.toMatchObject({ code: 'ISTIOCTL_UNREADABLE' });
  });

  it('refuses findings of an unknown form', async () => {
    await expect(analyze(said('[{"code":"IST0001","level":"Fatal","message":"x"}]'))).rejects.toMatchObject({
      code: 'ISTIOCTL_UNREADABLE',
      message: expect.stringContaining('"Error"|"Warning"|"Info"'),
    });
  });

  it('fails with the message of istioctl', async () => {
    await expect(analyze(transcript('analyze-unreachable'))).rejects.toMatchObject({
      message:
        '`istioctl analyze --all-namespaces -o json --revision 1-30-4` ended with exit code 1: Error: Get "http://localhost:8080/api/v1/namespaces/default?timeout=15s": dial tcp 127.0.0.1:8080: connect: connection refused',
    });
  });
});

describe('the conflicts of a tag', () => {
  const conflicts = (answer: ProcessResult) =>
    answering(`tag generate default --revision 1-31-0 --overwrite ${CLUSTER}`, answer).meshTool.tagConflicts(
      'default',
      '1-31-0',
    );

  it('are none when istioctl just prints the objects', async () => {
    expect(await conflicts(transcript('tag-generate'))).toBe('');
  });

  it('are read from the output beside the objects, with exit code 0', async () => {
    const lines = (await conflicts(transcript('tag-generate-conflict'))).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe(
      'Error [IST0139] (MutatingWebhookConfiguration istio-revision-tag-default ) Webhook overlaps with others: [zz-dup/namespace.sidecar-injector.istio.io]. This may cause injection to occur twice.',
    );
  });

  it.for([
    { fixture: 'tag-set-two-canonical', says: 'found multiple canonical webhooks or services with revision "1-31-0"' },
    {
      fixture: 'tag-set-missing-revision',
      says: 'cannot find MutatingWebhookConfiguration or Service with revision "9-9-9"',
    },
  ])('include the reasons why istioctl cannot modify the tag ($fixture)', async ({ fixture, says }) => {
    expect(await conflicts(transcript(fixture))).toBe(`Error: cannot modify tag: ${says}`);
  });

  it('are unknown when istioctl fails in another way', async () => {
    await expect(conflicts(transcript('tag-set-panic'))).rejects.toMatchObject({
      code: 'ISTIOCTL_FAILED',
      message: expect.stringMatching(/exit code 2: panic: runtime error: index out of range \[0\] with length 0$/),
    });
  });

  it('are unknown when istioctl prints nothing', async () => {
    await expect(conflicts(said(''))).rejects.toMatchObject({ code: 'ISTIOCTL_UNREADABLE' });
  });
});

describe('moving a tag', () => {
  const setTag = (answer: ProcessResult) =>
    answering(`tag set default --revision 1-31-0 --overwrite -y ${CLUSTER}`, answer).meshTool.setTag(
      'default',
      '1-31-0',
    );

  it('keeps the injection of all namespaces when that is requested', async () => {
    const command = `tag set default --revision 1-31-0 --overwrite -y --auto-inject-namespaces ${CLUSTER}`;
    const istioctl = answering(command, transcript('tag-set'));
    await expect(
      istioctl.meshTool.setTag('default', '1-31-0', { autoInjectNamespaces: true }),
    ).resolves.toBeUndefined();
  });

  it('always overwrites the tag', async () => {
    await expect(setTag(transcript('tag-set'))).resolves.toBeUndefined();
  });

  it('fails with the message of istioctl', async () => {
    await expect(setTag(transcript('tag-set-forbidden'))).rejects.toMatchObject({
      code: 'ISTIOCTL_FAILED',
      message: expect.stringContaining('Error: services is forbidden'),
    });
  });
});

describe('the manifest of an install', () => {
  const command = `manifest generate --set profile=minimal --revision 1-31-0 --set values.global.istioNamespace=istio-system ${CLUSTER}`;

  it('lists the objects by kind, name and namespace, and has in full what configures an istiod', async () => {
    const { objects, configuring } = await answering(command, transcript('manifest')).installer.preview(install);
    expect(configuring.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler']);
    expect(objects).toEqual([
      { kind: 'CustomResourceDefinition', name: 'authorizationpolicies.security.istio.io' },
      { kind: 'ServiceAccount', name: 'istio-reader-service-account', namespace: 'istio-system' },
      { kind: 'ServiceAccount', name: 'istiod-1-31-0', namespace: 'istio-system' },
      { kind: 'ClusterRole', name: 'istio-reader-clusterrole-1-31-0-istio-system' },
      { kind: 'ClusterRoleBinding', name: 'istio-reader-clusterrole-1-31-0-istio-system' },
      { kind: 'ValidatingWebhookConfiguration', name: 'istio-validator-1-31-0-istio-system' },
      { kind: 'ConfigMap', name: 'istio-1-31-0', namespace: 'istio-system' },
      { kind: 'MutatingWebhookConfiguration', name: 'istio-sidecar-injector-1-31-0' },
      { kind: 'Deployment', name: 'istiod-1-31-0', namespace: 'istio-system' },
      { kind: 'Role', name: 'istiod-1-31-0', namespace: 'istio-system' },
      { kind: 'RoleBinding', name: 'istiod-1-31-0', namespace: 'istio-system' },
      { kind: 'HorizontalPodAutoscaler', name: 'istiod-1-31-0', namespace: 'istio-system' },
      { kind: 'Service', name: 'istiod-1-31-0', namespace: 'istio-system' },
    ]);
  });

  it('has the data of its ConfigMaps, as the API server will have it', async () => {
    const { configuring } = await answering(command, transcript('manifest')).installer.preview(install);
    const [configMap] = configuring as readonly ConfigMap[];
    expect(configMap?.metadata).toMatchObject({ name: 'istio-1-31-0', namespace: 'istio-system' });
    expect(Object.keys(configMap?.data ?? {}).sort()).toEqual(['mesh', 'meshNetworks']);
  });

  it.for([
    {
      is: 'the same',
      when: 'istioctl gives its objects in another order',
      change: (all: string[]) => all.toReversed(),
    },
    {
      is: 'another',
      when: 'a value changes',
      change: (all: string[]) => all.map((each) => each.replace('name: istiod-1-31-0', 'name: istiod-1-31-1')),
    },
  ])('has $is hash when $when', async ({ is, change }) => {
    const { stdout } = transcript('manifest');
    const changed = change(stdout.split(/^---\n/m)).join('\n---\n');
    const hashOf = async (text: string) => (await answering(command, said(text)).installer.preview(install)).hash;
    expect((await hashOf(changed)) === (await hashOf(stdout))).toBe(is === 'the same');
  });

  it.for([
    { what: 'nothing', stdout: '' },
    { what: 'a list', stdout: '- a\n' },
    { what: 'a map without a name', stdout: 'kind: Service\nmetadata:\n  namespace: x\n' },
    { what: 'words', stdout: 'Proceed? (y/N) ' },
  ])('is unreadable when it is $what', async ({ stdout }) => {
    await expect(answering(command, said(stdout)).installer.preview(install)).rejects.toMatchObject({
      code: 'ISTIOCTL_UNREADABLE',
    });
  });
});

describe('istioctl install', () => {
  it('installs only istiod, with the settings of the config last', async () => {
    const { runner, deadlines, inputs } = scriptedRunner({
      [`${INSTALL} --set meshConfig.accessLogFile=/dev/stdout --set hub=example.org/istio --readiness-timeout 100s ${CLUSTER}`]:
        transcript('install'),
    });
    const istioctl = istioctlOver(runner, { istioNamespace: 'istio-system', timeouts: { writeMs: 60_000 } });
    await istioctl.installer.install({
      ...install,
      valuesFiles: [],
      set: ['meshConfig.accessLogFile=/dev/stdout', 'hub=example.org/istio'],
    });
    expect(deadlines).toEqual([160_000]);
    expect(inputs).toEqual([undefined]);
  });

  it('leaves the shared CRDs as they are on request, whatever the config sets', async () => {
    const { runner } = scriptedRunner({
      [`${INSTALL} --set components.base.enabled=true --set components.base.enabled=false --readiness-timeout 100s ${CLUSTER}`]:
        transcript('install'),
    });
    const { installer } = istioctlOver(runner, { istioNamespace: 'istio-system' });
    const set = ['components.base.enabled=true'];
    await expect(installer.install({ ...install, set, leavesDefinitions: true })).resolves.toBeUndefined();
  });

  it.for([
    {
      why: 'the image does not exist',
      fixture: 'install-bad-image',
      says: 'Error: failed to install manifests: failed to wait for resource: resources not ready after 12s: context deadline exceeded\n  Deployment/istio-system/istiod-bad-tag (container failed to start: ErrImagePull: no such image docker.io/istio/pilot:9.9.9)',
    },
    {
      why: 'the profile is unknown',
      fixture: 'install-unknown-profile',
      says: 'Error: generate config: merge inputs: profile "nope" not found: open profiles/nope.yaml: file does not exist',
    },
  ])('fails with the last error of istioctl when $why', async ({ fixture, says }) => {
    const failing = answering(`${INSTALL} --readiness-timeout 100s ${CLUSTER}`, transcript(fixture));
    await expect(failing.installer.install(install)).rejects.toMatchObject({
      code: 'ISTIOCTL_FAILED',
      message: expect.stringMatching(/ended with exit code 1: /),
    });
    const again = answering(`${INSTALL} --readiness-timeout 100s ${CLUSTER}`, transcript(fixture));
    await expect(again.installer.install(install)).rejects.toThrow(`exit code 1: ${says}`);
  });

  it('keeps every reason when several objects are refused', async () => {
    const failing = answering(`${INSTALL} --readiness-timeout 100s ${CLUSTER}`, transcript('install-forbidden'));
    const refused = failing.installer.install(install);
    await expect(refused).rejects.toThrow(
      /2 errors occurred:\n\t\* failed .*trafficextensions[\s\S]*\n\t\* failed .*HorizontalPodAutoscaler/,
    );
  });
});

describe('the preview of an uninstall', () => {
  const preview = (answer: ProcessResult, revision = '1-30-4') =>
    answering(`uninstall --revision ${revision} --dry-run ${CLUSTER}`, answer).installer.previewRemoval({
      revision,
      version: '1.30.4',
    });

  it('lists the objects that istioctl would prune, cluster-wide ones without a namespace', async () => {
    const objects = await preview(transcript('uninstall-preview'));
    expect(objects).toHaveLength(17);
    expect(objects).toContainEqual({ kind: 'Deployment', name: 'istiod-1-30-4', namespace: 'istio-system' });
    expect(objects).toContainEqual({ kind: 'MutatingWebhookConfiguration', name: 'istio-sidecar-injector-1-30-4' });
  });

  it('lists a tag and a gateway that would be removed too, among warnings', async () => {
    const objects = await preview(transcript('uninstall-preview-in-use'), '1-31-0');
    expect(objects).toContainEqual({ kind: 'Deployment', name: 'istio-ingressgateway', namespace: 'istio-system' });
    expect(objects).toContainEqual({ kind: 'MutatingWebhookConfiguration', name: 'istio-revision-tag-default' });
  });

  it.for([
    { when: 'istioctl says that it would prune nothing', fixture: 'uninstall-nothing' },
    { when: 'the revision is gone', fixture: 'uninstall-gone' },
  ])('is empty when $when', async ({ fixture }) => {
    expect(await preview(transcript(fixture))).toEqual([]);
  });

  it('does not count an empty answer as nothing to remove', async () => {
    await expect(preview(said(''))).rejects.toMatchObject({ code: 'ISTIOCTL_UNREADABLE' });
  });
});

describe('istioctl uninstall', () => {
  const uninstall = (answer: ProcessResult) =>
    answering(`uninstall --revision 1-30-4 -y ${CLUSTER}`, answer).installer.remove({
      revision: '1-30-4',
      version: '1.30.4',
    });

  it.for([
    { when: 'istioctl removed it', fixture: 'uninstall' },
    { when: 'it was gone before, so that it may be repeated', fixture: 'uninstall-gone' },
  ])('is done when $when', async ({ fixture }) => {
    await expect(uninstall(transcript(fixture))).resolves.toBeUndefined();
  });

  it('fails with the message of istioctl', async () => {
    await expect(uninstall(said('', 'Error: Unauthorized\n', 1))).rejects.toThrow('exit code 1: Error: Unauthorized');
  });
});

describe('the versions of istiods', () => {
  const told = (stdout: string) =>
    answering(`version -o json --revision 1-31-0 ${CLUSTER}`, said(stdout)).meshTool.istiodVersions('1-31-0');
  const istiod = (version: string) => ({ Component: 'istiod', Revision: '1-31-0', Info: { version, tag: version } });

  it.for([
    { told: ['1.31.0'], when: 'two of them are alike', meshVersion: [istiod('1.31.0'), istiod('1.31.0')] },
    { told: ['1.31.0', '1.31.1'], when: 'they differ', meshVersion: [istiod('1.31.0'), istiod('1.31.1')] },
    { told: [], when: 'the cluster did not answer, which istioctl does not say', meshVersion: undefined },
  ])('are $told when $when', async ({ told: versions, meshVersion }) => {
    expect(await told(JSON.stringify({ clientVersion: { version: '1.31.0' }, meshVersion }))).toEqual(versions);
  });

  it('are no version where the answer is another one', async () => {
    await expect(told('Istio is not present in the cluster')).rejects.toMatchObject({ code: 'ISTIOCTL_UNREADABLE' });
  });
});

describe('connected proxies', () => {
  const connected = (answer: ProcessResult) =>
    answering(`proxy-status -o json --revision 1-31-0 ${CLUSTER}`, answer).meshTool.connectedProxies('1-31-0');
  const ids = ['foo-f45d55557-k2zwn.foo', 'foo-f45d55557-5dp4j.foo'];

  it('are the nodes that istiod answers with', async () => {
    expect(await connected(transcript('proxy-status'))).toEqual(ids);
  });

  it('are those of all istiods of the revision, of which some have none', async () => {
    const [none, some] = [transcript('proxy-status-none'), transcript('proxy-status')];
    expect(await connected({ ...some, stdout: `${none.stdout}${some.stdout}${none.stdout}` })).toEqual(ids);
  });

  it('are those on virtual machines too, and not the client of istioctl itself, which has the version of no release', async () => {
    const { stdout } = transcript('proxy-status');
    const other = (id: string, version: string) =>
      stdout
        .replace('foo-f45d55557-k2zwn.foo', id)
        .replace('"ISTIO_VERSION": "1.31.0"', `"ISTIO_VERSION": "${version}"`);
    const answers = [other('ratings-vm-1.vm', '1.30.4'), other('test-1.default', '65536.65536.65536')];
    expect(await connected(said(answers.join('')))).toEqual(['ratings-vm-1.vm', 'foo-f45d55557-5dp4j.foo']);
  });

  it('are none when no istiod of the revision runs', async () => {
    expect(await connected(transcript('proxy-status-no-istiod'))).toEqual([]);
  });

  it('are unknown when istiod cannot be asked', async () => {
    await expect(connected(transcript('proxy-status-failure'))).rejects.toMatchObject({
      code: 'ISTIOCTL_FAILED',
      message: expect.stringContaining('no valid IP address'),
    });
  });

  it.for([
    { what: 'nothing', stdout: '' },
    { what: 'a part of a document', stdout: transcript('proxy-status').stdout.slice(0, 400) },
    { what: 'another document', stdout: '{"clientVersion":{"version":"1.31.0"}}' },
  ])('are unreadable when the answer is $what', async ({ stdout }) => {
    await expect(connected(said(stdout))).rejects.toMatchObject({ code: 'ISTIOCTL_UNREADABLE' });
  });
});
