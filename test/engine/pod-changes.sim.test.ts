import { describe, expect, it } from 'vitest';
import { configOf, goCheck, goUpgrade, New, Old, servingMesh } from './engine-fixtures.ts';

const seed = 83;
const requests = 'set: ["values.global.proxy.resources.requests.cpu=250m"]';
const said = (findings: readonly { code: string; message: string }[]) =>
  findings.filter(({ code }) => code.startsWith('POD_CHANGES')).map(({ message }) => message);

describe(`what the new sidecar changes in the pods (seed ${seed})`, () => {
  it('is shown before the new istiod is there, by what its templates would make', async () => {
    const sim = await servingMesh({ seed });
    const [message = '', ...others] = said((await goCheck(sim, configOf({ target: requests }))).findings);
    expect(message).toMatch(new RegExp(`^From ${Old} to ${New} this would change in the pods of \\w+ \\w+/\\w+`));
    expect(message).toContain(
      'istio-init and istio-proxy: image docker.io/istio/proxyv2:1.30.4 -> docker.io/istio/proxyv2:1.31.0',
    );
    expect(message).toContain('istio-proxy: requests.cpu 100m -> 250m');
    expect(others).toEqual([]);
  });

  it('is no finding where another image is all', async () => {
    expect(said((await goCheck(await servingMesh({ seed }))).findings)).toEqual([]);
  });

  it('is not known where istioctl cannot render it, which blocks nothing', async () => {
    const sim = await servingMesh({ seed });
    sim.interceptIstioctl = (args) => (args[0] === 'kube-inject' ? 'fail-before' : undefined);
    const checked = await goCheck(sim, configOf({ target: requests }));
    expect(checked.blocked).toBe(false);
    expect(said(checked.findings).join()).toMatch(/is not known: `istioctl kube-inject/);
  });

  it('is told once more by the new istiod itself, before the tag moves', async () => {
    const sim = await servingMesh({ seed });
    const run = await goUpgrade(sim, { config: configOf({ target: requests }) });
    expect(run.kind).toBe('completed');
    const told = run.events.flatMap((event) => (event.kind === 'findings' ? said(event.findings) : []));
    expect(told[0]).toMatch(/ this changes in the pods of .*requests\.cpu 100m -> 250m/);
    const at = (kind: string, holds: (event: object) => boolean) =>
      run.events.findIndex((event) => event.kind === kind && holds(event));
    expect(at('findings', () => true)).toBeLessThan(
      at('effect-started', (event) => JSON.stringify(event).includes('move-tag')),
    );
  });
});
