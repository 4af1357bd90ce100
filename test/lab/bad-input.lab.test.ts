import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../harness/proof/lab/lab.ts';
import { createServiceAccount } from '../../harness/proof/lab/service-account.ts';
import { waitUntil } from '../../harness/proof/lab/wait-until.ts';
import {
  barePod,
  calling,
  copyOfTagWebhook,
  create,
  fingerprint,
  installedGateway,
  journalOf,
  kubectl,
  read,
  remove,
  replace,
  type Undo,
} from './mesh-edits.ts';
import { type ConfigParts, runProduct, startSeedLab, writeConfig } from './seed-lab.ts';
import { withoutRight } from './service-account.ts';

interface BadInput {
  is: string;
  code: string;
  exit: 0 | 2 | 3 | 7;
  config?: ConfigParts | ((lab: Lab) => ConfigParts);
  /** Added to the command line; `upgrade` unless said otherwise. */
  args?: (lab: Lab) => string[];
  verb?: 'check' | 'plan' | 'rollback';
  /** Makes the mesh unfit; called before anything is compared. */
  spoil?: (lab: Lab) => Promise<Undo>;
  /** What else must be in the output. */
  says?: RegExp;
}

const config: readonly BadInput[] = [
  { is: 'the revision that runs', code: 'SAME_REVISION', exit: 3, config: { version: '1.30.4' } },
  { is: 'a target three minors ahead', code: 'SKEW_TOO_WIDE', exit: 3, config: { version: '1.33.0' } },
  { is: 'an older target', code: 'DOWNGRADE', exit: 3, config: { version: '1.29.0' } },
  {
    is: 'a wave whose pattern matches nothing',
    code: 'WAVE_EMPTY',
    exit: 3,
    config: { waves: '[{ name: canary, namespaces: ["team-*"] }, { name: rest, namespaces: "*" }]' },
  },
  {
    is: 'a namespace that does not exist',
    code: 'NAMESPACE_UNKNOWN',
    exit: 3,
    config: { waves: '[{ name: canary, namespaces: [bar, bra] }]' },
    says: /Namespace bra of wave "canary"/,
  },
  {
    is: 'a namespace that the tag does not inject',
    code: 'NAMESPACE_NOT_OF_TAG',
    exit: 3,
    config: { waves: '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: [outside] }]' },
  },
  {
    is: 'a namespace named in two waves',
    code: 'CONFIG_INVALID',
    exit: 2,
    config: { waves: '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: [foo, bar] }]' },
    says: /\.yaml:4:\d+: namespace "bar" is already in waves\[0\]/,
  },
  {
    is: 'a namespace that the patterns of two waves match',
    code: 'WAVES_OVERLAP',
    exit: 3,
    config: { waves: '[{ name: canary, namespaces: ["b*r"] }, { name: rest, namespaces: ["ba*"] }]' },
    says: /Namespace bar is in wave "canary" and in wave "rest"/,
  },
  {
    is: 'a query that does not parse',
    code: 'CONFIG_INVALID',
    exit: 2,
    config: { checks: '[{ name: broken, query: "sum(rate(istio_requests_total[1m])", max: 1 }]' },
    says: /a-query-that-does-not-parse\.yaml:11:\d+: /,
  },
  {
    is: 'a check whose query sees nothing',
    code: 'CHECK_SEES_NOTHING',
    exit: 3,
    config: { checks: '[{ name: blind, query: "sum(rate(no_such_metric_total[10s]))", max: 1 }]' },
    says: /Check "blind"/,
  },
  {
    is: 'a check that is red before anything has begun',
    code: 'CHECK_RED_BEFORE_START',
    exit: 3,
    config: { checks: '[{ name: red, query: "vector(2)", max: 1 }]' },
  },
  {
    is: 'a key that does not exist',
    code: 'CONFIG_INVALID',
    exit: 2,
    config: { more: 'wavess: []' },
    says: /"wavess"/,
  },
  {
    is: 'a gateway that does not exist',
    code: 'GATEWAY_UNKNOWN',
    exit: 3,
    config: { gateways: 'istio-ingress/ingress' },
  },
  { is: 'a goal that does not exist', code: 'GOAL_UNKNOWN', exit: 2, args: () => ['--through', 'nowhere'] },
  { is: 'the hash of another plan', code: 'PLAN_CHANGED', exit: 3, args: () => ['--plan', '000000000000'] },
  { is: 'a rollback of nothing', code: 'NO_UPGRADE_TO_ROLL_BACK', exit: 3, verb: 'rollback' },
];

const surroundings: readonly BadInput[] = [
  {
    is: 'Prometheus that cannot be reached',
    code: 'PROMETHEUS_UNREACHABLE',
    exit: 3,
    config: { prometheus: 'http://127.0.0.1:9' },
  },
  {
    is: 'Prometheus that wants credentials',
    code: 'PROMETHEUS_UNAUTHORIZED',
    exit: 3,
    config: { prometheus: 'http://127.0.0.1:9401' },
    spoil: refuseOn9401,
  },
  {
    is: 'a kubeconfig that is not there',
    code: 'KUBECONFIG_MISSING',
    exit: 2,
    args: () => ['--kubeconfig', '/nonexistent/kubeconfig'],
  },
  { is: 'an unknown context', code: 'CONTEXT_UNKNOWN', exit: 2, args: () => ['--context', 'production'], says: /lab/ },
  {
    is: 'a cluster that does not answer',
    code: 'CLUSTER_UNREACHABLE',
    exit: 7,
    args: (lab) => ['--kubeconfig', editedKubeconfig(lab, /127\.0\.0\.1:6443/, '127.0.0.1:6444')],
  },
  {
    is: 'an unknown token',
    code: 'CLUSTER_UNAUTHORIZED',
    exit: 7,
    args: (lab) => ['--kubeconfig', editedKubeconfig(lab, /token: .*/, 'token: stale')],
  },
  {
    is: 'istioctl of another release',
    code: 'ISTIOCTL_WRONG_RELEASE',
    exit: 3,
    config: (lab) => ({ istioctl: lab.binaries.istioctl('1.30.4') }),
    says: /istioctl is 1\.30\.4; the target is 1\.31\.0/,
  },
  {
    is: 'istioctl that is not there',
    code: 'ISTIOCTL_MISSING',
    exit: 3,
    config: { istioctl: '/nonexistent/istioctl' },
  },
  {
    is: 'a user without the right to restart Deployments',
    code: 'RBAC_MISSING',
    exit: 3,
    args: serviceAccountKubeconfig,
    spoil: async (lab) => (await createServiceAccount(lab, withoutRight('patch', 'deployments'))).undo,
    says: /patch deployments\.apps/,
  },
  {
    is: 'a user without the right to list pods',
    code: 'RBAC_MISSING',
    exit: 3,
    args: serviceAccountKubeconfig,
    spoil: async (lab) => (await createServiceAccount(lab, withoutRight('list', 'pods'))).undo,
    says: /list pods/,
  },
  {
    is: 'a user without the right to read secrets, for which analyze would wait for ever',
    code: 'RBAC_MISSING',
    exit: 3,
    args: serviceAccountKubeconfig,
    spoil: async (lab) => (await createServiceAccount(lab, withoutRight('list', 'secrets'))).undo,
    says: /list secrets/,
  },
];

const mesh: readonly BadInput[] = [
  {
    is: 'a tag that names an unknown revision',
    code: 'TAG_REVISION_UNKNOWN',
    exit: 3,
    spoil: async (lab) => {
      const tag = await read(lab, 'mutatingwebhookconfiguration', 'istio-revision-tag-default');
      const labels = { ...(tag.metadata['labels'] as object), 'istio.io/rev': '9-9-9' };
      return replace(lab, tag, { ...calling(tag, 'istiod-9-9-9'), metadata: { ...tag.metadata, labels } });
    },
  },
  {
    is: 'a tag whose objects name different revisions',
    code: 'TAG_SPLIT',
    exit: 3,
    spoil: async (lab) => {
      const tag = await read(lab, 'mutatingwebhookconfiguration', 'istio-revision-tag-default');
      const labels = { ...(tag.metadata['labels'] as object), 'istio.io/rev': '9-9-9' };
      return replace(lab, tag, { ...tag, metadata: { ...tag.metadata, labels } });
    },
  },
  {
    is: 'no tag at all',
    code: 'TAG_MISSING',
    exit: 3,
    spoil: async (lab) =>
      remove(
        lab,
        await read(lab, 'mutatingwebhookconfiguration', 'istio-revision-tag-default'),
        await read(lab, 'validatingwebhookconfiguration', 'istiod-default-validator'),
      ),
    says: /istioctl tag set default --revision 1-30-4/,
  },
  {
    is: 'a namespace with two labels that contradict each other',
    code: 'NAMESPACE_WITH_BOTH_LABELS',
    exit: 3,
    spoil: async (lab) => {
      await kubectl(lab, ['label', 'namespace', 'foo', 'istio-injection=true']);
      return async () => void (await kubectl(lab, ['label', 'namespace', 'foo', 'istio-injection-']));
    },
    says: /- foo: istio-injection=true, istio\.io\/rev=default$/m,
  },
  {
    is: 'a second webhook that injects the same pods',
    code: 'DOUBLE_INJECTION',
    exit: 3,
    spoil: async (lab) => create(lab, await copyOfTagWebhook(lab, 'istio-revision-tag-copy')),
    says: /istio-revision-tag-copy/,
  },
  {
    is: 'a webhook with no istiod behind it',
    code: 'WEBHOOK_DEAD',
    exit: 3,
    spoil: async (lab) => {
      const copy = calling(await copyOfTagWebhook(lab, 'istio-left-behind'), 'istiod-1-20-0');
      const namespaceSelector = { matchLabels: { 'istio.io/rev': '1-20-0' } };
      const webhooks = copy['webhooks'] as object[];
      return create(lab, { ...copy, webhooks: webhooks.map((webhook) => ({ ...webhook, namespaceSelector })) });
    },
    says: /istio-left-behind -> istiod-1-20-0/,
  },
  {
    is: 'a gateway that istioctl installed',
    code: 'GATEWAY_NOT_INJECTED',
    exit: 3,
    spoil: async (lab) => {
      const undo = await create(lab, installedGateway);
      await kubectl(lab, ['--namespace', 'istio-system', 'rollout', 'status', 'deployment/istio-egressgateway']);
      return undo;
    },
    says: /Deployment istio-system\/istio-egressgateway/,
  },
  {
    is: 'the journal of an unfinished run in another cluster',
    code: 'CLUSTER_DIFFERS',
    exit: 3,
    spoil: (lab) => create(lab, journalOf({ clusterUid: '00000000-0000-0000-0000-000000000000', to: '1-31-0' })),
  },
  {
    is: 'the journal of an unfinished run to another target',
    code: 'OTHER_UPGRADE_UNFINISHED',
    exit: 3,
    spoil: async (lab) => {
      const uid = await kubectl(lab, ['get', 'namespace', 'kube-system', '--output', 'jsonpath={.metadata.uid}']);
      return create(lab, journalOf({ clusterUid: uid, to: '1-32-0' }));
    },
    says: /1-30-4 -> 1-32-0/,
  },
  {
    is: 'a journal that a user edited',
    code: 'JOURNAL_UNREADABLE',
    exit: 3,
    spoil: (lab) => create(lab, { ...journalOf({ clusterUid: '', to: '' }), data: { journal: '{"schema": 2}' } }),
  },
  {
    is: 'a paused Deployment, which is an exception and no reason to stop',
    code: 'WORKLOAD_WILL_NOT_MOVE',
    exit: 0,
    verb: 'check',
    spoil: async (lab) => {
      await kubectl(lab, ['--namespace', 'foo', 'rollout', 'pause', 'deployment/foo']);
      return async () => void (await kubectl(lab, ['--namespace', 'foo', 'rollout', 'resume', 'deployment/foo']));
    },
    says: /Deployment foo\/foo/,
  },
  {
    is: 'a bare pod, which is an exception and no reason to stop',
    code: 'POD_WITHOUT_WORKLOAD',
    exit: 0,
    verb: 'check',
    spoil: async (lab) => {
      const undo = await create(lab, barePod);
      await kubectl(lab, ['--namespace', 'foo', 'wait', 'pod/bare', '--for=condition=Ready', '--timeout=30s']);
      return undo;
    },
    says: /foo\/bare: no controller would create it again/,
  },
];

function editedKubeconfig(lab: Lab, what: RegExp, by: string): string {
  const file = join(lab.stateDir, 'edited.kubeconfig');
  writeFileSync(file, readFileSync(lab.kubeconfig, 'utf8').replace(what, by), { mode: 0o600 });
  return file;
}

function serviceAccountKubeconfig(lab: Lab): string[] {
  return ['--kubeconfig', join(lab.stateDir, 'service-account.kubeconfig')];
}

/** Stands where Prometheus should, and refuses every request. */
async function refuseOn9401(lab: Lab): Promise<Undo> {
  const program = `require('node:http').createServer((_, answer) => answer.writeHead(401).end('who are you?')).listen(9401, '127.0.0.1', () => console.log('listening'))`;
  const server = lab.exec(process.execPath, ['--eval', program], { reject: false, buffer: false });
  await waitUntil(
    'the refusing server',
    async () => {
      const asked = await lab.exec('curl', ['--silent', 'http://127.0.0.1:9401'], { reject: false, timeout: 5_000 });
      return asked.exitCode === 0;
    },
    { deadlineMs: 20_000 },
  );
  return async () => {
    server.kill();
    await server;
  };
}

describe('bad input', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startSeedLab();
  });
  afterAll(async () => await lab?.stop());

  it.for([...config, ...surroundings, ...mesh])(
    '$is: $code, exit code $exit, and nothing is touched',
    async (input) => {
      const { is, code, exit, args = () => [], verb = 'upgrade', spoil, says } = input;
      const parts = typeof input.config === 'function' ? input.config(lab) : input.config;
      const undo = await spoil?.(lab);
      try {
        const before = await fingerprint(lab);
        const ended = await runProduct(lab, [verb, '--config', writeConfig(lab, is, parts), ...args(lab)]);
        expect.soft(ended.text).toMatch(new RegExp(`[✘!] (1 precheck: )?${code}: `));
        if (says !== undefined) expect.soft(ended.text).toMatch(says);
        expect.soft(ended.exitCode, ended.text).toBe(exit);
        expect(await fingerprint(lab)).toEqual(before);
      } finally {
        await undo?.();
      }
    },
  );

  it('the mesh passes the checks once every bad input is removed', async () => {
    const ended = await runProduct(lab, ['check', '--config', writeConfig(lab, 'good')]);
    expect(ended.exitCode, ended.text).toBe(0);
  });
});
