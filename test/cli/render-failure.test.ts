import { describe, expect, it } from 'vitest';
import { renderFailure } from '../../src/cli/render-failure.ts';
import { ConfigError } from '../../src/config/config-errors.ts';
import { JournalConflict, OtherUpgradeUnfinished } from '../../src/engine/engine-errors.ts';
import { IstioctlTimeout } from '../../src/istioctl/istioctl-errors.ts';
import { ClusterUnauthorized, ClusterUnreachable } from '../../src/kubernetes/cluster-errors.ts';
import { AmbiguousWrite, StatusError } from '../../src/kubernetes/status-error.ts';
import { PrometheusUnreachable } from '../../src/prometheus/prometheus-errors.ts';

const complaint = { file: 'a.yaml', line: 3, column: 7, path: 'waves', message: 'has no wave', instead: 'add one' };
const refused = { kind: 'refused', sent: false, detail: 'connect ECONNREFUSED' } as const;
const forbidden = new StatusError({ code: 403, reason: 'Forbidden', message: 'configmaps is forbidden' });
const broken = new StatusError({ code: 500, reason: 'InternalError', message: 'etcdserver: timeout' });

const failures: { what: string; thrown: unknown; code: string; exit: number }[] = [
  { what: 'a config with mistakes', thrown: new ConfigError([complaint]), code: 'CONFIG_INVALID', exit: 2 },
  {
    what: 'an API server that does not answer',
    thrown: ClusterUnreachable.of('https://a:1', refused),
    code: 'CLUSTER_UNREACHABLE',
    exit: 7,
  },
  {
    what: 'an expired token',
    thrown: ClusterUnauthorized.of('https://a:1', 'Unauthorized'),
    code: 'CLUSTER_UNAUTHORIZED',
    exit: 7,
  },
  {
    what: 'Prometheus that does not answer',
    thrown: PrometheusUnreachable.of('http://p', 'refused'),
    code: 'PROMETHEUS_UNREACHABLE',
    exit: 7,
  },
  {
    what: 'istioctl that hangs',
    thrown: IstioctlTimeout.of('istioctl analyze', 300_000, ''),
    code: 'ISTIOCTL_TIMEOUT',
    exit: 7,
  },
  {
    what: 'an unfinished upgrade to another target',
    thrown: OtherUpgradeUnfinished.of('default', '1-30-4 -> 1-32-0', '-> 1-31-0', false),
    code: 'OTHER_UPGRADE_UNFINISHED',
    exit: 3,
  },
  {
    what: 'a journal that another run wrote',
    thrown: JournalConflict.of('journal'),
    code: 'JOURNAL_CONFLICT',
    exit: 4,
  },
  { what: 'a right that is missing', thrown: forbidden, code: 'CLUSTER_FORBIDDEN', exit: 7 },
  { what: 'an API server in trouble', thrown: broken, code: 'CLUSTER_UNAVAILABLE', exit: 7 },
  {
    what: 'a write whose answer was lost',
    thrown: new AmbiguousWrite('PUT', '/api/v1', new Error('socket hang up')),
    code: 'CLUSTER_OUTCOME_UNKNOWN',
    exit: 7,
  },
  { what: 'an unexpected error', thrown: new TypeError('x is undefined'), code: 'INTERNAL', exit: 1 },
  { what: 'a thrown text', thrown: 'out of cheese', code: 'INTERNAL', exit: 1 },
  { what: 'undefined', thrown: undefined, code: 'INTERNAL', exit: 1 },
  { what: 'an object without a prototype', thrown: Object.create(null), code: 'INTERNAL', exit: 1 },
];

describe('renderFailure', () => {
  it.for(failures)('describes $what as text: $code, exit code $exit', ({ thrown, code, exit }) => {
    const rendered = renderFailure(thrown, false);
    expect(rendered.code).toBe(exit);
    expect(rendered.text.split('\n')[0]).toMatch(new RegExp(`^✘ ${code}: `));
  });

  it.for(failures)('describes $what as JSON: $code, exit code $exit', ({ thrown, code, exit }) => {
    const rendered = renderFailure(thrown, true);
    expect(JSON.parse(rendered.text)).toMatchObject({ error: { code }, exitCode: exit });
    expect(rendered.code).toBe(exit);
  });

  it('shows what to do, the state of the mesh, who must act and where the code is explained', () => {
    const { text } = renderFailure(new ConfigError([complaint, { ...complaint, line: 4 }]), false);
    expect(text).toMatchInlineSnapshot(`
      "✘ CONFIG_INVALID: The config cannot be used.
        a.yaml:3:7: has no wave; add one
        a.yaml:4:7: has no wave; add one
        do: Correct the places named above; schema/istio-upgrade.schema.json lets an editor check the file while you write.
        state: Nothing was read from the cluster and nothing was changed.
        to act: workflow author
        docs: https://github.com/OWNER/istio-canary-upgrade/blob/main/docs/errors.md#config_invalid
      "
    `);
  });

  it('shows the stack of an internal error', () => {
    expect(renderFailure(new TypeError('x is undefined'), false).text).toMatch(/at .*render-failure\.test\.ts/);
  });
});

describe('the JSON of a config that cannot be used', () => {
  it('contains each complaint as data, for annotations on the lines of the file', () => {
    const complaint = {
      file: 'a.yaml',
      line: 2,
      column: 3,
      path: 'target',
      message: 'is missing',
      instead: 'write it',
    };
    const { text } = renderFailure(new ConfigError([complaint]), true);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'CONFIG_INVALID', complaints: [complaint] }, exitCode: 2 });
  });
});
