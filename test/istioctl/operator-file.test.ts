import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { istioctlOver } from '../../src/istioctl/istioctl.ts';
import type { Install } from '../../src/ports/installer.ts';
import { scriptedRunner } from './scripted-runner.ts';

const operator = (spec: string) => `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: ${spec}\n`;

describe('what istioctl installs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'values-'));
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  /** The `spec` on stdin of `istioctl install`; undefined when it is given none. */
  async function given({ files = [], ...more }: Partial<Install> & { files?: string[] }): Promise<unknown> {
    const valuesFiles = files.map((_, index) => join(folder, `${index}.yaml`));
    for (const [index, text] of files.entries()) await writeFile(valuesFiles[index] ?? '', text);
    const install: Install = {
      revision: '1-31-0',
      version: '1.31.0',
      set: [],
      readinessTimeoutMs: 1_000,
      valuesFiles,
      ...more,
    };
    const sets = install.set.map((pair) => ` --set ${pair}`).join('');
    const command = (input: string) =>
      `install -y --set profile=minimal --revision 1-31-0 --set values.global.istioNamespace=istio-system${input}${sets} --readiness-timeout 1s --log_target stderr --istioNamespace istio-system`;
    const answer = { exitCode: 0, stdout: '', stderr: '', timedOut: false };
    const { runner, inputs } = scriptedRunner({ [command('')]: answer, [command(' -f -')]: answer });
    await istioctlOver(runner, { istioNamespace: 'istio-system' }).installer.install(install);
    const [stdin] = inputs;
    return stdin === undefined ? undefined : (JSON.parse(stdin) as { spec: unknown }).spec;
  }

  const carried = { meshConfig: { trustDomain: 'old', accessLogFile: '/dev/stdout' }, pilot: { env: { A: 'old' } } };

  it.for([
    { what: 'nothing when nothing is carried over and no file is given', more: {}, spec: undefined },
    {
      what: 'that it makes no tag default, and the injector all the same',
      more: { leavesDefaultTag: true as const },
      spec: {
        unvalidatedValues: {
          global: { operatorManageWebhooks: true },
          pilot: { global: { operatorManageWebhooks: false } },
        },
      },
    },
    { what: 'the values that are carried over', more: { carried }, spec: { unvalidatedValues: carried } },
    {
      what: 'a carried value without those that `--set` gives',
      more: { carried, set: ['meshConfig.trustDomain=new', 'values.pilot.env.A=new'] },
      spec: { unvalidatedValues: { meshConfig: { accessLogFile: '/dev/stdout' } } },
    },
    {
      what: 'a value at the root of the chart without those that `--set` gives for pilot',
      more: { carried: { autoscaleMin: 2, autoscaleMax: 9 }, set: ['values.pilot.autoscaleMin=3'] },
      spec: { unvalidatedValues: { autoscaleMax: 9 } },
    },
    {
      what: 'the values of a file over those that are carried over',
      more: { carried, files: ['meshConfig: { trustDomain: new }\n'] },
      spec: {
        unvalidatedValues: { ...carried, meshConfig: { trustDomain: 'new', accessLogFile: '/dev/stdout' } },
      },
    },
    {
      what: 'an IstioOperator as it is, and what is carried over without its values',
      more: {
        carried,
        files: [operator('{ meshConfig: { trustDomain: new }, components: { pilot: { k8s: { replicaCount: 2 } } } }')],
      },
      spec: {
        meshConfig: { trustDomain: 'new' },
        components: { pilot: { k8s: { replicaCount: 2 } } },
        unvalidatedValues: { meshConfig: { accessLogFile: '/dev/stdout' }, pilot: { env: { A: 'old' } } },
      },
    },
    {
      what: 'the later of two files',
      more: { files: ['global: { network: a, meshID: m }\n', operator('{ values: { global: { network: b } } }')] },
      spec: { values: { global: { network: 'b' } }, unvalidatedValues: { global: { meshID: 'm' } } },
    },
  ] as { what: string; more: Parameters<typeof given>[0]; spec: unknown }[])('is $what', async ({ more, spec }) => {
    expect(await given(more)).toEqual(spec);
  });

  it.for([
    { what: 'no YAML', text: 'a: [' },
    { what: 'a list', text: '- a\n' },
    { what: 'another kind of object', text: 'kind: ConfigMap\n' },
    { what: 'a spec without a kind, which istioctl refuses as well', text: 'spec: {}\n' },
  ])('is not read from a file with $what', async ({ text }) => {
    await expect(given({ files: [text] })).rejects.toMatchObject({ code: 'VALUES_UNREADABLE' });
  });

  it('is not read from a file that does not exist', async () => {
    await expect(given({ valuesFiles: [join(folder, 'absent.yaml')] })).rejects.toMatchObject({
      code: 'VALUES_UNREADABLE',
    });
  });
});
