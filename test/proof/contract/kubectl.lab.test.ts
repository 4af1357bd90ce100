import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildLab } from '../../../harness/proof/lab/build.ts';
import { labBinaries } from '../../../harness/proof/lab/lab-commands.ts';
import { type Serving, serving } from '../../rehearsal/sim/serve-fixtures.ts';

/** The seed's commands by the real kubectl, on the served simulator; columns as in the lab's transcripts. */
describe('kubectl on a served simulator', () => {
  let kubectl: string;
  beforeAll(async () => {
    kubectl = labBinaries(await buildLab({ env: process.env, tell: () => undefined })).kubectl;
  });

  const run = async ({ kubeconfig, folder }: Serving, args: string) => {
    const env = { KUBECONFIG: kubeconfig, HOME: folder, PATH: process.env['PATH'] ?? '' };
    const ended = await execa(kubectl, args.split(' '), { env, extendEnv: false, reject: false, timeout: 30_000 });
    return { exitCode: ended.exitCode, stdout: ended.stdout, stderr: ended.stderr };
  };
  const header = (stdout: string) => stdout.split('\n')[0]?.split(/ {2,}/);
  const rows = (stdout: string) =>
    stdout
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/));

  it.for([
    // 45-install-more
    {
      what: 'get deploy -L istio.io/rev -n istio-system',
      columns: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE', 'REV'],
      first: ['istiod-1-30-4', '1/1', '1', '1', /^\d+/, '1-30-4'],
    },
    {
      what: 'get ns -L istio.io/rev',
      columns: ['NAME', 'STATUS', 'AGE', 'REV'],
      first: ['bar', 'Active', /^\d+/, 'default'],
    },
    {
      what: 'get pods -n foo -L istio.io/rev',
      columns: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'REV'],
      first: [/^foo-[a-z0-9]+-[a-z0-9]{5}$/, '2/2', 'Running', '0', /^\d+/],
    },
    // The article's stage 1
    {
      what: 'get deployment -n istio-system -l app=istiod',
      columns: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE'],
      first: ['istiod-1-30-4', '1/1', '1', '1'],
    },
    // 00-install-old
    {
      what: 'get service -n istio-system -l app=istiod',
      columns: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
      first: ['istiod-1-30-4', 'ClusterIP', /^10\.96\./, '<none>', '15010/TCP,15012/TCP,443/TCP,15014/TCP'],
    },
    {
      what: 'get mutatingwebhookconfigurations',
      columns: ['NAME', 'WEBHOOKS', 'AGE'],
      first: ['istio-revision-tag-default', '4'],
    },
    {
      what: 'get validatingwebhookconfigurations',
      columns: ['NAME', 'WEBHOOKS', 'AGE'],
      first: ['istio-validator-1-30-4-istio-system', '1'],
    },
    { what: 'get cm istio-1-30-4 -n istio-system', columns: ['NAME', 'DATA', 'AGE'], first: ['istio-1-30-4', '2'] },
    { what: 'get statefulset -n baz', columns: ['NAME', 'READY', 'AGE'], first: ['db', '2/2'] },
    // 35-empty-cabundle
    { what: 'get rs -n bar', columns: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'AGE'], first: [/^bar-/, '2', '2', '2'] },
    {
      what: 'get ds -n baz',
      columns: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE'],
      first: ['agent', '3', '3', '3', '3', '3', '<none>'],
    },
    {
      what: 'get deploy -n bar -o wide',
      columns: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE', 'CONTAINERS', 'IMAGES', 'SELECTOR'],
      first: ['bar', '2/2', '2', '2', /^\d+/, 'app'],
    },
  ])('shows $what in the columns of the real server', async ({ what, columns, first }) => {
    const served = await serving();
    const { stdout, stderr, exitCode } = await run(served, what);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(header(stdout)).toEqual(columns);
    const wanted = first.map((cell) => (typeof cell === 'string' ? cell : expect.stringMatching(cell)));
    const shown = rows(stdout).find(([name]) => (typeof first[0] === 'string' ? name === first[0] : true));
    expect(shown?.slice(0, first.length)).toEqual(wanted);
  });

  it('restarts, follows the rollout to its end, and shows the new pods', async () => {
    const served = await serving({ speed: 20 });
    expect(await run(served, 'rollout restart deployment bar -n bar')).toEqual({
      exitCode: 0,
      stdout: 'deployment.apps/bar restarted',
      stderr: '',
    });
    const status = await run(served, 'rollout status deployment bar -n bar --timeout=20s');
    expect(status.stdout.split('\n').at(-1)).toBe('deployment "bar" successfully rolled out');
    const yaml = await run(served, 'get deployment bar -n bar -o yaml');
    expect(yaml.stdout).toContain('kubectl.kubernetes.io/restartedAt: ');
    expect(yaml.stdout).toContain('deployment.kubernetes.io/revision: "2"');
  });

  it('reports an object that does not exist', async () => {
    const served = await serving();
    expect(await run(served, 'rollout restart deploy nope -n foo')).toMatchObject({
      exitCode: 1,
      stderr: 'Error from server (NotFound): deployments.apps "nope" not found',
    });
    expect(await run(served, 'get pods -n nowhere')).toMatchObject({
      exitCode: 0,
      stderr: 'No resources found in nowhere namespace.',
    });
  });

  it('labels, annotates, scales, creates, patches and deletes', async () => {
    const served = await serving({ speed: 20 });
    const said = async (args: string) => {
      const { stdout, stderr } = await run(served, args);
      return stdout + stderr;
    };
    expect(await said('label namespace outside istio.io/rev=default')).toBe('namespace/outside labeled');
    expect(await said('label namespace outside istio.io/rev-')).toBe('namespace/outside unlabeled');
    expect(await said('annotate namespace outside team=red')).toBe('namespace/outside annotated');
    expect(await said('scale deployment outside -n outside --replicas=3')).toBe('deployment.apps/outside scaled');
    const file = join(served.folder, 'made.yaml');
    const made = 'metadata: { name: made, namespace: outside }';
    writeFileSync(file, `apiVersion: v1\nkind: ConfigMap\n${made}\ndata: { a: "1" }\n`);
    expect(await said(`create -f ${file} --validate=false`)).toBe('configmap/made created');
    expect(
      await said('patch configmap made -n outside --type=json -p [{"op":"replace","path":"/data/a","value":"2"}]'),
    ).toBe('configmap/made patched');
    expect(await said('get configmap made -n outside -o jsonpath={.data.a}')).toBe('2');
    expect(await said('delete configmap made -n outside')).toMatch(/^configmap "made" deleted/);
    expect(await said('delete deployment outside -n outside')).toMatch(/^deployment.apps "outside" deleted/);
    // Typed commands of kubectl send protobuf.
    expect(await said('auth can-i delete pods -n outside')).toContain('not simulated: protobuf');
  });
});
