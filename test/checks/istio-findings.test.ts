import { describe, expect, it } from 'vitest';
import { checkIstioFindings } from '../../src/checks/istio-findings.ts';
import type { IstioFinding } from '../../src/model/istio-finding.ts';
import { plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const finding = (code: string, level: IstioFinding['level'], origin = 'VirtualService foo/x') => ({
  code,
  level,
  message: code,
  origin,
});

describe('findings of istioctl', () => {
  it('become errors, warnings and notes by level, except those that are wrong in a mesh with tags', () => {
    const istioFindings = [
      finding('IST0101', 'Error'),
      finding('IST0172', 'Warning'),
      finding('IST0118', 'Info'),
      finding('IST0146', 'Error'),
      finding('IST0123', 'Warning'),
    ];
    expect(said(checkIstioFindings({ istioFindings, now }, plan()))).toEqual([
      'blocks IST0101',
      'warns IST0172',
      'notes IST0118',
    ]);
  });

  it.for([
    { says: 'blocks', origin: 'VirtualService bar/vs', what: 'a namespace of a wave' },
    { says: 'blocks', origin: 'Gateway istio-ingress/gw', what: 'the namespace of a gateway' },
    { says: 'blocks', origin: 'Sidecar istio-system/default', what: 'the namespace of istiod' },
    { says: 'blocks', origin: 'CustomResourceDefinition gateways.gateway.networking.k8s.io', what: 'the cluster' },
    { says: 'blocks', origin: '', what: 'nothing in particular' },
    { says: 'blocks', origin: 'Namespace foo', what: 'a namespace of a wave itself' },
    { says: 'warns', origin: 'VirtualService team-x/vs', what: 'a namespace that is not in the plan' },
    { says: 'warns', origin: 'Namespace team-x', what: 'such a namespace itself' },
  ])('$says for an error about $what', ({ says, origin }) => {
    const istioFindings = [finding('IST0101', 'Error', origin)];
    expect(said(checkIstioFindings({ istioFindings, now }, plan()))).toEqual([`${says} IST0101`]);
  });

  it.for([
    { says: 'notes', when: 'its code is named', ignored: {} },
    { says: 'notes', when: 'a pattern matches its object', ignored: { object: 'VirtualService f*/*' } },
    { says: 'notes', when: 'it is the last day', ignored: { until: '2026-11-22' } },
    { says: 'blocks', when: 'the day is over', ignored: { until: '2026-11-21' } },
  ])('$says when the config ignores an error and $when', ({ says, ignored }) => {
    const entry = { code: 'IST0101', reason: 'known', until: '2026-12-31', ...ignored };
    const found = checkIstioFindings(
      { istioFindings: [finding('IST0101', 'Error')], now },
      plan({ ignoreFindings: [entry] }),
    );
    expect(said(found)).toEqual([`${says} IST0101`]);
    expect(found[0]?.message).toContain(`ignored until ${entry.until}: known`);
  });

  it.for([{ code: 'IST0102' }, { code: 'IST0101', object: 'VirtualService other/*' }])(
    'that are not there are named when the config ignores %o',
    (ignored) => {
      const entry = { reason: 'known', until: '2026-12-31', ...ignored };
      const world = { istioFindings: [finding('IST0101', 'Error')], now };
      expect(said(checkIstioFindings(world, plan({ ignoreFindings: [entry] })))).toEqual([
        'blocks IST0101',
        'notes IGNORED_FINDING_ABSENT',
      ]);
    },
  );
});
