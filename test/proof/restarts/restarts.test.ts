import { describe, expect, it } from 'vitest';
import { workloadImages } from '../../../harness/proof/kind/manifests.ts';
import { clientObject, objectsOf } from '../../../harness/proof/restarts/objects.ts';
import { lossesOf, restartTable } from '../../../harness/proof/restarts/table.ts';
import { settingOf, type Variant, variants } from '../../../harness/proof/restarts/variants.ts';

const request = (ms: number, details = '200') =>
  JSON.stringify({ timestamp: ms * 1e6, latency: 0.01, ok: details === '200', details });
const variant: Variant = { name: 'exits', onTerm: 'exits at once', native: true };

describe('the losses of restarts', () => {
  it('are what the client got between the restart and a moment after the end of the last old pod', () => {
    const log = [request(900, '503'), request(1_000), request(1_500, '503'), request(2_100, '-1'), request(2_200)];
    expect(lossesOf(log.join('\n'), [{ began: 1_000, gone: 2_000, until: 2_200 }])).toEqual([
      { sent: 3, failed: { 'HTTP 503': 1, 'no answer': 1 }, goneMs: 1_000 },
    ]);
  });

  it('do not contain a line that is still being written', () => {
    const log = `${request(1_000)}\n${request(1_001, '503').slice(0, 40)}`;
    expect(lossesOf(log, [{ began: 0, gone: 2_000, until: 3_000 }])[0]?.failed).toEqual({});
  });

  it('are a row for each variant, restart by restart', () => {
    const lost = { sent: 900, failed: { 'HTTP 503': 3 }, goneMs: 6_240 };
    const none = { sent: 1_100, failed: {}, goneMs: 9_000 };
    const waiting = { ...variant, native: false, preStop: 3 };
    const table = restartTable(
      [
        { variant, restarts: [lost, none] },
        { variant: waiting, restarts: [none] },
      ],
      100,
    );
    expect(table.split('\n').slice(2)).toEqual([
      '| exits at once | native | none | 3, 0 (HTTP 503) | 2,000 | 6.2-9.0 s |',
      '| exits at once | ordinary | `preStop: sleep 3 s` | **0** | 1,100 | 9.0-9.0 s |',
    ]);
  });
});

describe('the variants of restarts', () => {
  interface Pods {
    kind: string;
    metadata: { name: string };
    spec: {
      template: { metadata: { annotations: Record<string, string> }; spec: { containers: { image: string }[] } };
    };
  }
  const deployments = (variants.flatMap(objectsOf) as readonly Pods[]).filter(({ kind }) => kind === 'Deployment');
  const templateOf = (name: string) =>
    deployments.find(({ metadata }) => metadata.name === name)?.spec.template ?? expect.fail(`no ${name}`);

  it('have unique names, and no two have the same pods', () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
    const kinds = variants.map((each) => `${each.onTerm} ${each.native} ${settingOf(each)}`);
    expect(new Set(kinds).size).toBe(variants.length);
  });

  it('need only images that a rehearsal loads into the node', () => {
    const pods = deployments.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
    const { spec } = clientObject(variant, 100) as { spec: { containers: { image: string }[] } };
    const images = [...pods, ...spec.containers.map(({ image }) => image)].filter((image) => image !== 'auto');
    expect(workloadImages()).toEqual(expect.arrayContaining(images));
  });

  it.for([
    { name: 'exits', annotations: {} },
    { name: 'exits-ordinary', annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } },
    { name: 'drain-15s', annotations: { 'proxy.istio.io/config': '{"terminationDrainDuration":"15s"}' } },
    {
      name: 'gateway-on-zero',
      annotations: {
        'inject.istio.io/templates': 'gateway',
        'proxy.istio.io/config': '{"proxyMetadata":{"EXIT_ON_ZERO_ACTIVE_CONNECTIONS":"true"}}',
      },
    },
  ])('tell istiod in the pods of $name: $annotations', ({ name, annotations }) => {
    expect(templateOf(name).metadata.annotations).toEqual(annotations);
  });
});
