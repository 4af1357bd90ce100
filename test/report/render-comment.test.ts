import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GateBlind } from '../../src/checks/sight.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Plan } from '../../src/model/plan.ts';
import { type CommentFacts, renderComment } from '../../src/report/render-comment.ts';
import { aFinding } from '../model/a-finding.ts';

const seed = 20261123;

const plan = {
  versions: { from: '1.30.4', to: '1.31.0' },
  tag: 'default',
  from: '1-30-4',
  to: '1-31-0',
  gateways: ['istio-ingress/istio-ingressgateway'],
  waves: [
    { name: 'canary', namespaces: ['bar'] },
    { name: 'rest', namespaces: ['foo', 'baz'] },
  ],
  gate: {
    intervalMs: 15_000,
    bakeMs: 600_000,
    settleMs: 30_000,
    maxBakeMs: 1_800_000,
    errorRatioMax: 0.01,
    minRequests: 100,
    checks: [{ name: 'checkout errors', query: 'up', max: 1, empty: 'hold' }],
  },
  waivers: [],
  pace: { workloadsAtOnce: 20, rolloutTimeoutMs: 900_000, roomTimeoutMs: 180_000, patienceMs: 900_000 },
  soakMs: 300_000,
  install: { set: [] },
} as unknown as Plan;

const finding = (code: string, severity: Finding['severity'], more: Partial<Finding> = {}): Finding => ({
  ...aFinding(code, { severity }),
  ...more,
});

const facts = (findings: readonly Finding[]): CommentFacts => ({
  config: 'istio/staging/1.31.0.yaml',
  checked: { plan, hash: 'e276f1a123ad', findings, blocked: findings.some(({ severity }) => severity === 'blocks') },
  runPage: 'https://github.com/owner/caller/actions/runs/1/attempts/1',
  commit: 'abcdef0123456789',
});

describe('the comment of a check', () => {
  it('says first whether the upgrade can begin, then what the gate judges and how long it takes', () => {
    const text = renderComment(facts([]));
    expect(text.split('\n')[0]).toBe('### ✔ Istio 1.30.4 → 1.31.0 can begin (`istio/staging/1.31.0.yaml`)');
    expect(text).toContain('failed, refused, lost, slow and missing requests');
    expect(text).toContain('and checkout errors.');
    expect(text).toContain('**The gate gets data** for every wave: every query answers.');
    expect(text).toContain('at least 28 min for one gateway, 2 waves and the soak, plus the rollouts');
    expect(text).toContain('Plan e276f1a123ad: Istio 1.30.4 -> 1.31.0');
  });

  it('names the cluster right after the verdict', () => {
    const cluster = { context: 'staging', cluster: 'kind', server: 'https://10.0.0.1:6443', user: 'ci' };
    expect(renderComment({ ...facts([]), cluster }).split('\n')[2]).toMatch(/^\*\*Cluster:\*\* staging \(https/);
  });

  it('counts the findings that block, and lists missing data of the gate apart', () => {
    const text = renderComment(
      facts([finding('TAG_MISSING', 'blocks'), GateBlind.as('warns', 'Prometheus has no requests of the canary')]),
    );
    expect(text.split('\n')[0]).toMatch(/^### ✘ Istio 1\.30\.4 → 1\.31\.0 cannot begin: 1 finding blocks it/);
    const [before = '', after = ''] = text.split('**Some data is missing for the gate:**');
    expect(before).toContain('TAG\\_MISSING');
    expect(after).toContain('GATE\\_BLIND');
  });

  it('shows each complaint about the config with its line', () => {
    const complaint = {
      file: 'a.yaml',
      line: 3,
      column: 1,
      path: 'gate',
      message: 'has no unit',
      instead: 'write 12s',
    };
    const failure = {
      code: 'CONFIG_INVALID',
      title: 'The config is wrong.',
      message: '',
      hint: 'Repair it.',
      docs: 'https://docs.test/errors.md#config_invalid',
    };
    const { checked: _, ...rest } = facts([]);
    const text = renderComment({ ...rest, failure: { ...failure, complaints: [complaint] } });
    expect(text).toContain('- `a.yaml:3` has no unit; write 12s');
    expect(text).toContain('**What now:** Repair it.');
  });

  it('says that no cluster was contacted when there is no plan', () => {
    const { checked: _, ...rest } = facts([]);
    expect(renderComment(rest)).toContain('No cluster was contacted');
  });

  it(`is below GitHub's limit, and renders no markup of foreign text (SEED=${seed})`, () => {
    const evil = fc.constantFrom('<img src=x>', '@everyone', '](http://x)', '-->', '```', '| a |', '\n# title');
    const text = fc.array(fc.oneof(evil, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''));
    const findings = fc.array(
      fc.record({ code: text, message: text, fix: text, objects: fc.array(text, { maxLength: 15 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(findings, text, (all, config) => {
        const rendered = renderComment({
          ...facts(all.map(({ code, ...each }) => aFinding(code, { ...each, severity: 'warns' }))),
          config,
        });
        expect(rendered.length).toBeLessThan(60_000);
        const spoken = rendered.replaceAll(/(`+).*?\1/gs, '');
        expect(spoken).not.toContain('<img');
        expect(spoken).not.toContain('](http://x)');
        expect(spoken).not.toMatch(/^# title/m);
      }),
      { seed, numRuns: 60 },
    );
  });

  it('leaves out what does not fit, and says so', () => {
    const long = Array.from({ length: 500 }, (_, at) =>
      finding(`CODE_${at}`, 'warns', { message: 'x'.repeat(1_000), objects: Array(10).fill('y'.repeat(400)) }),
    );
    const rendered = renderComment(facts(long));
    expect(rendered.length).toBeLessThan(60_000);
    expect(rendered).toContain('_Too long for a comment; the summary of the run has it._');
    expect(rendered).toContain('**Expected time:**');
  });
});

describe('the comment of a rehearsal', () => {
  const rehearsal = {
    inventory: 'istio/staging/inventory.json',
    from: '1.30.4',
    to: '1.31.0',
    kind: 'completed',
    message: 'Every proxy runs 1-31-0.',
    durationMs: 738_000,
    wishes: [{ claim: 'nothing keeps its old proxy', saw: '<b>StatefulSet shop/db</b>' }],
    findings: [finding('SURGE_WITHOUT_ROOM', 'warns')],
    lines: ['Waves, in order'],
  } as const;

  it('says how it ended, what to fix before the real upgrade, and how long that takes', () => {
    const text = renderComment({ config: 'istio/staging/1.31.0.yaml', rehearsal, runPage: '', commit: '' });
    expect(text.split('\n')[0]).toBe(
      '### ✔ Istio 1.30.4 → 1.31.0 is completed in a rehearsal (`istio/staging/1.31.0.yaml`)',
    );
    expect(text).toContain('- not so: nothing keeps its old proxy (&lt;b');
    expect(text).toContain('SURGE\\_WITHOUT\\_ROOM');
    expect(text).toContain('**Expected time:** 12:18');
    expect(text).toContain('Waves, in order');
  });

  it('begins with the outcome when the rehearsal does not complete', () => {
    const held = { ...rehearsal, kind: 'held' as const, wishes: [] };
    const text = renderComment({ config: 'a.yaml', rehearsal: held, runPage: '', commit: '' });
    expect(text.split('\n')[0]).toBe('### ✘ Istio 1.30.4 → 1.31.0 ends held in a rehearsal (`a.yaml`)');
  });

  it('stays below the limit of a comment for any size of the inventory', () => {
    const huge = { ...rehearsal, lines: Array.from({ length: 5_000 }, (_, index) => `namespace-${index}`.repeat(5)) };
    const text = renderComment({ config: 'a.yaml', rehearsal: huge, runPage: '', commit: '' });
    expect(text.length).toBeLessThan(60_001);
    expect(text).toContain('Expected time');
  });
});
