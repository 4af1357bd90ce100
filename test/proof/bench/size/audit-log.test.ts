import { describe, expect, it } from 'vitest';
import { AuditCounter, type AuditEvent } from '../../../../harness/proof/bench/size/audit-log.ts';

const ours = 'system:serviceaccount:istio-system:istio-canary-upgrade';
const noon = Date.parse('2026-11-28T12:00:00Z');
let ids = 0;

const event = (
  verb: string,
  requestURI: string,
  more: Partial<AuditEvent> & { username?: string } = {},
): AuditEvent => ({
  auditID: `id-${++ids}`,
  verb,
  requestURI,
  user: { username: more.username ?? ours },
  userAgent: 'istio-canary-upgrade',
  requestReceivedTimestamp: '2026-11-28T12:00:01.000000Z',
  ...more,
});

function counted(...events: readonly AuditEvent[]) {
  const counter = new AuditCounter(ours, [{ from: noon, to: noon + 60_000 }]);
  for (const each of events) counter.add(each);
  return counter.requests()[0];
}

describe('AuditCounter', () => {
  it('counts requests of the engine by purpose and verb, and a dry run apart from a create', () => {
    const { engine, istioctl, others } =
      counted(
        event('patch', '/apis/apps/v1/namespaces/foo/deployments/foo?fieldManager=istio-canary-upgrade'),
        event('create', '/api/v1/namespaces/foo/pods?dryRun=All'),
        event('list', '/api/v1/pods?limit=500'),
        event('get', '/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/api/v1/query?query=up'),
      ) ?? {};
    expect(engine).toEqual({
      'workloads patch': 1,
      'workloads dry-run create': 1,
      'lists and watches list': 1,
      'prometheus get': 1,
    });
    expect([istioctl, others]).toEqual([{}, {}]);
  });

  it('tells istioctl from the engine by its user agent, and other clients by their user', () => {
    const { engine, istioctl, others } =
      counted(
        event('list', '/api/v1/pods', { userAgent: 'istioctl/1.31.0 (linux/amd64)' }),
        event('update', '/api/v1/nodes/n', { username: 'admin', userAgent: 'kwok/v0.8.0 (linux/amd64)' }),
      ) ?? {};
    expect({ engine, istioctl, others }).toEqual({ engine: {}, istioctl: { list: 1 }, others: { kwok: 1 } });
  });

  it('counts a watch once, although the log has a line for its start and one for its end', () => {
    const watch = event('watch', '/api/v1/pods?watch=1');
    expect(counted(watch, watch)?.engine).toEqual({ 'lists and watches watch': 1 });
  });

  it('leaves out what was received outside of the period', () => {
    const early = event('list', '/api/v1/pods', { requestReceivedTimestamp: '2026-11-28T11:59:59.999999Z' });
    expect(counted(early)?.engine).toEqual({});
  });
});
