import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../harness/proof/lab/lab.ts';
import { waitUntil } from '../../harness/proof/lab/wait-until.ts';
import type { ObjectMeta } from '../../src/model/kubernetes-object.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { create, type KubernetesObject, kubectl } from './mesh-edits.ts';
import { type Ended, runProduct, startSeedLab, writeConfig } from './seed-lab.ts';

const Old = '1-30-4';
const New = '1-31-0';

/** Paused; its pod finds no node; refused by PodSecurity, whatever their sidecar. */
const left = ['bar/bar', 'bar/sick', 'baz/agent', 'baz/baz', 'baz/db'];

/** One pod that no node takes: its selector names none. */
const sick: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'sick', namespace: 'bar' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'sick' } },
    template: {
      metadata: { labels: { app: 'sick' } },
      spec: {
        nodeSelector: { 'example.org/no-such-node': 'true' },
        containers: [{ name: 'app', image: 'example.org/sick:1' }],
      },
    },
  },
};

/** istioctl of the new release, which hangs when it is to move the tag back. */
function hangingIstioctl(lab: Lab): string {
  const file = join(lab.stateDir, 'istioctl-hangs');
  const real = lab.binaries.istioctl('1.31.0');
  writeFileSync(
    file,
    `#!/bin/sh
case "$*" in *"tag set"*"${Old}"*) exec sleep 600 ;; esac
exec "${real}" "$@"
`,
  );
  chmodSync(file, 0o700);
  return file;
}

/** How many pods of each workload run which proxy: `bar/bar 1-30-4`. */
async function proxies(lab: Lab): Promise<Record<string, number>> {
  const { items } = JSON.parse(await kubectl(lab, ['get', 'pods', '--all-namespaces', '--output', 'json'])) as {
    items: { metadata: ObjectMeta }[];
  };
  const counts: Record<string, number> = {};
  for (const { metadata } of items) {
    const { app, istio } = metadata.labels ?? {};
    const revision = metadata.annotations?.['istio.io/rev'];
    if (revision === undefined || metadata.namespace === 'istio-system' || metadata.deletionTimestamp) continue;
    const key = `${metadata.namespace}/${app ?? istio} ${revision}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

describe('the way back of a bad release, in a mesh where much else is wrong', () => {
  let lab: Lab;
  let config: string[];
  let back: Ended;
  let report: RunReport;
  beforeAll(async () => {
    lab = await startSeedLab();
    await create(lab, sick);
    config = [
      '--config',
      writeConfig(lab, 'way-back', {
        istioctl: hangingIstioctl(lab),
        pace: 'roomTimeout: 10s',
        waves: '[{ name: canary, namespaces: [bar, baz] }, { name: rest, namespaces: "*" }]',
      }),
    ];
    const forward = await runProduct(lab, ['upgrade', ...config, '--through', 'canary']);
    expect(forward.exitCode, forward.text).toBe(0);
    expect(forward.text).toMatch(/WORKLOAD_UNHEALTHY.*bar\/sick/s);

    await kubectl(lab, ['--namespace', 'bar', 'rollout', 'pause', 'deployment/bar']);
    await kubectl(lab, ['label', 'namespace', 'baz', 'pod-security.kubernetes.io/enforce=baseline']);
    await lab.kubelet.freeze(true);
    await kubectl(lab, ['--namespace', 'istio-system', 'scale', `deployment/istiod-${Old}`, '--replicas=2']);
    await waitUntil(
      'the second replica of the old istiod, which does not get ready',
      async () =>
        (await kubectl(lab, [
          ...['--namespace', 'istio-system', 'get', 'deployment', `istiod-${Old}`],
          ...['--output', 'jsonpath={.status.readyReplicas}/{.status.replicas}'],
        ])) === '1/2',
      { deadlineMs: 30_000 },
    );
    await lab.traffic.setErrors({ revision: New, errorRatio: 0.2 });
    const file = join(lab.stateDir, 'report.json');
    back = await runProduct(lab, ['upgrade', ...config, '--report', file]);
    report = JSON.parse(readFileSync(file, 'utf8')) as RunReport;
  });
  afterAll(async () => await lab?.stop());

  it('begins with the tag, which is back within a second of the verdict although istioctl hangs', () => {
    expect(report.cost.failToTagBackMs, back.text).toBeLessThan(1_000);
  });

  it('brings everything to the old proxy that can be', async () => {
    const pods = await proxies(lab);
    const on = (revision: string) =>
      Object.keys(pods)
        .filter((key) => key.endsWith(` ${revision}`))
        .map((key) => key.split(' ')[0])
        .toSorted();
    expect(on(Old)).toEqual(expect.arrayContaining(['foo/foo', 'istio-ingress/ingressgateway']));
    expect(on(New)).toEqual(left);
  });

  it('names what it leaves on the new proxy, and counts its pods in the first line', () => {
    expect(back.exitCode, back.text).toBe(6);
    expect(back.text).toMatch(new RegExp(`PODS_LEFT_BEHIND: \\d+ pods still run ${New}: `));
    for (const name of left) expect(back.text).toMatch(new RegExp(`(Deployment|StatefulSet|DaemonSet) ${name}: `));
  });
});
