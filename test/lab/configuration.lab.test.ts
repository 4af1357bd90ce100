import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Lab } from '../../harness/proof/lab/lab.ts';
import { kubectl } from './mesh-edits.ts';
import { runProduct, startSeedLab, writeConfig } from './seed-lab.ts';

const Old = '1-30-4';
const New = '1-31-0';

/** What a platform team gave its istiod: four values, and one variable that istioctl patches in after the charts. */
const operator = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  profile: minimal
  meshConfig:
    outboundTrafficPolicy: { mode: REGISTRY_ONLY }
    accessLogFile: /dev/stdout
  values:
    global: { proxy: { resources: { requests: { cpu: 55m } } } }
    pilot: { autoscaleMin: 2 }
  components:
    pilot: { k8s: { env: [{ name: PILOT_PATCHED, value: "yes" }] } }
`;

describe('an old istiod that was given settings of its team', () => {
  let lab: Lab;
  const check = (name: string, target: string) =>
    runProduct(lab, ['check', '--config', writeConfig(lab, name, { target })]);
  const lines = (text: string) => text.split('\n').filter((line) => line.includes('CONFIGURATION_'));
  beforeAll(async () => {
    lab = await startSeedLab();
    const file = join(lab.stateDir, 'old.yaml');
    writeFileSync(file, operator);
    await lab.exec(lab.binaries.istioctl('1.30.4'), ['install', '-y', '--revision', Old, '-f', file], {
      timeout: 180_000,
    });
  });
  afterAll(async () => await lab?.stop());

  it('loses what was patched in after the charts, and nothing else, when its values are carried over', async () => {
    const { exitCode, text } = await check('carried', '');
    expect(exitCode, text).toBe(3);
    expect(lines(text), text).toHaveLength(1);
    expect(lines(text)[0]).toContain(`would lack 1 setting of ${Old}: pilot.env.PILOT_PATCHED "yes" -> none`);
  });

  it('loses exactly these when they are not', async () => {
    const { text } = await check('not-carried', 'carryOver: false');
    const [lost = ''] = lines(text);
    for (const path of [
      'meshConfig.outboundTrafficPolicy.mode "REGISTRY_ONLY" -> none',
      'meshConfig.accessLogFile "/dev/stdout" -> none',
      'global.proxy.resources.requests.cpu "55m" -> "100m"',
      'pilot.autoscaleMin 2 -> 1',
      // The charts make a budget for an istiod of which more than one pod is kept, and for no other.
      'pilot.pdb.minAvailable 1 -> none',
      'pilot.env.PILOT_PATCHED "yes" -> none',
    ])
      expect(lost, text).toContain(path);
    expect(lost).toContain('would lack 6 settings');
  });

  it('has a successor that differs in nothing, once the variable is given', async () => {
    const config = writeConfig(lab, 'given', { target: 'set: ["values.pilot.env.PILOT_PATCHED=yes"]' });
    const installed = await runProduct(lab, ['upgrade', '--config', config, '--through', '3']);
    expect(installed.exitCode, installed.text).toBe(0);
    expect(lines(installed.text)).toEqual([]);
    const mesh = parse(
      await kubectl(lab, [
        ...['--namespace', 'istio-system', 'get', 'configmap', `istio-${New}`, '--output', 'jsonpath={.data.mesh}'],
      ]),
    ) as object;
    expect(mesh).toMatchObject({ outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' }, accessLogFile: '/dev/stdout' });
    expect(
      await kubectl(lab, [
        ...['--namespace', 'istio-system', 'get', 'hpa', `istiod-${New}`, '--output', 'jsonpath={.spec.minReplicas}'],
      ]),
    ).toBe('2');
  });
});
