import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhileReplaced } from '../../src/model/evidence.ts';
import type { Plan } from '../../src/model/plan.ts';
import { renderSummary, type SummaryFacts } from '../../src/report/render-summary.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { aFinding } from '../model/a-finding.ts';

const seed = 20261123;

const plan = {
  versions: { from: '1.30.4', to: '1.31.0' },
  tag: 'default',
  from: '1-30-4',
  to: '1-31-0',
  waves: [
    { name: 'canary', namespaces: ['bar'] },
    { name: 'rest', namespaces: ['foo', 'baz'] },
  ],
  gate: {},
} as unknown as Plan;

function reportWith(more: Partial<RunReport> = {}): RunReport {
  const stage = { startedAt: 0, durationMs: 65_000, direction: 'forward', done: true } as const;
  return {
    schema: 1,
    plan,
    startedAt: Date.UTC(2026, 10, 23),
    durationMs: 83_000,
    stages: [
      { ...stage, number: 3, name: 'move-tag', title: 'Move the revision tag', proof: 'names 1-31-0' },
      { ...stage, number: 6, name: 'judge-canary', title: 'Judge the canary', proof: '', done: false },
    ],
    effects: [],
    verdicts: [{ wave: 'canary', verdict: 'fail', reason: 'too many errors', at: 0 }],
    waves: [
      {
        name: 'canary',
        namespaces: ['bar'],
        state: 'fail',
        reason: 'too many errors',
        checks: [
          { check: 'client-side errors', verdict: 'fail', value: '25.5 % of 274 requests', limit: '1 %' },
          { check: 'xDS rejects', verdict: 'pass', value: '0', limit: '0' },
        ],
      },
      { name: 'rest', namespaces: ['foo', 'baz'], state: 'not begun', reason: '', checks: [] },
    ],
    findings: [aFinding('GATE_FAILED', { message: 'wave canary failed' })],
    cost: {
      requests: {},
      restartedWorkloads: 2,
      requestsPerRestart: 1,
      requestsPerRestartWhileRestarting: 1,
      failToTagBackMs: 400,
    },
    ...more,
  };
}

const rolledBack: SummaryFacts = {
  command: 'upgrade',
  ended: { kind: 'rolled-back', message: 'Everything runs 1-30-4 again.', next: '' },
  findings: [],
  lines: [],
  report: reportWith(),
};

describe('the summary of a step', () => {
  it('begins with the outcome and what to do now', () => {
    const lines = renderSummary(rolledBack).split('\n');
    expect(lines[0]).toBe('## ↩ upgrade, Istio 1.30.4 → 1.31.0: rolled-back');
    expect(lines[2]).toBe('Everything runs 1-30-4 again.');
    expect(lines[4]).toMatch(/^\*\*What now:\*\* Nothing now: the old revision serves everything/);
  });

  it('names the cluster, also while the run is under way', () => {
    const cluster = { context: 'prod', cluster: 'prod', server: 'https://api.prod:6443', user: 'admin@corp' };
    const named = '**Cluster:** prod (https:\u2060//api.prod:6443, user admin@\u2060corp)';
    expect(renderSummary({ command: 'check', findings: [], lines: [], cluster })).toContain(named);
    expect(renderSummary({ ...rolledBack, report: reportWith({ cluster }) })).toContain(named);
  });

  it('says that the gate only observes, while the run is under way and at its end', () => {
    const observed = { ...plan, gate: { mode: 'observe' } } as unknown as Plan;
    const waves = reportWith().waves.map((wave) => ({
      ...wave,
      ...(wave.state === 'fail' && { observed: true as const }),
    }));
    const report = reportWith({ plan: observed, waves });
    for (const { ended } of [rolledBack, { ended: undefined }]) {
      const text = renderSummary({ command: 'upgrade', findings: [], lines: [], report, ...(ended && { ended }) });
      expect(text).toContain('**The gate only observes** (`gate.mode: observe`)');
      expect(text).toContain('✘ fail, only observed |');
    }
    expect(renderSummary(rolledBack)).not.toContain('only observe');
  });

  it('lists requests that failed while pods were replaced apart from the values of the verdict', () => {
    const textWith = (whileReplaced: WhileReplaced) => {
      const waves = reportWith().waves.map((wave) => (wave.name === 'canary' ? { ...wave, whileReplaced } : wave));
      return renderSummary({ ...rolledBack, report: reportWith({ waves }) });
    };
    const counted = { requests: 900, errors: 5, flags: { 'URX,UF': 2, UC: 3 }, durationMs: 42_000 };
    expect(textWith(counted)).toContain(
      'limit 1 %<br>failed while pods were replaced (0:42): 5 of 900 requests (UC 3; URX,UF 2), not in the verdict |',
    );
    expect(textWith({ ...counted, errors: 0, flags: {} })).not.toContain('while pods were replaced');
  });

  it('draws the phases of the waves, and lists the waves in a table', () => {
    const phases = [
      { wave: 'canary', phase: 'restart', startedAt: 1_000, durationMs: 500 },
      { wave: 'canary', phase: 'bake', startedAt: 1_500, durationMs: 0, verdict: 'fail' },
      { wave: 'x:y\n```\n# title', phase: 'bake', startedAt: 2_000, durationMs: 10 },
    ] as const;
    const text = renderSummary({ ...rolledBack, report: reportWith({ phases }) });
    expect(text).toContain(
      [
        '```mermaid',
        'gantt',
        '  dateFormat x',
        '  axisFormat %H:%M:%S',
        '  section wave canary',
        '    restart :done, 1000, 1500',
        '    bake fail :crit, 1500, 1501',
        '  section wave x_y_______title',
        '    bake :active, 2000, 2010',
        '```',
      ].join('\n'),
    );
    expect(text).toContain('| canary | bar | ✘ fail |');
    expect(renderSummary(rolledBack)).not.toContain('mermaid');
  });

  it('counts the pods of each revision', () => {
    const samples = { pods: [{ at: 0, pods: { '1-30-4': 9, '1-31-0': 4, '1-29-0': 1 } }], views: [], gate: [] };
    const text = renderSummary({ ...rolledBack, report: reportWith({ samples }) });
    expect(text).toContain('**Pods in the mesh:** 4 on 1-31-0, 9 on 1-30-4, 1 on 1-29-0');
  });

  it('shows each value with its limit, for a failed wave only the failed checks', () => {
    const text = renderSummary(rolledBack);
    expect(text).toContain('| canary | bar | ✘ fail | client-side errors: 25.5 % of 274 requests, limit 1 % |');
    expect(text).not.toContain('xDS rejects');
    expect(text).toContain('| rest | foo, baz | not begun |  |');
    expect(text).toContain('| ✔ | 3 Move the revision tag | names 1-31-0 | 1:05 |');
    expect(text).toContain('tag back 0.4 s after the verdict');
  });

  it('names the next command for this action and for a shell', () => {
    const held = {
      ...rolledBack,
      ended: { kind: 'held', message: 'x', next: 'istio-canary-upgrade upgrade --config a.yaml' } as const,
    };
    expect(renderSummary(held)).toContain(
      'Next: this action with `command: upgrade`, or from a shell `istio-canary-upgrade upgrade --config a.yaml`',
    );
  });

  it('of a run that has not ended shows its stage, in case the run is killed', () => {
    const { ended: _ended, ...running } = rolledBack;
    expect(renderSummary(running)).toMatch(
      /^## … upgrade, Istio 1\.30\.4 → 1\.31\.0: under way: stage 6, Judge the canary\n\nIf this summary does not change any more/,
    );
  });

  it('of an error shows the state of the mesh and who must act', () => {
    const text = renderSummary({
      command: 'check',
      ended: { kind: 'usage', message: 'a.yaml:3:7: waves is missing', next: '' },
      failure: {
        code: 'CONFIG_INVALID',
        title: 'The config cannot be used.',
        state: 'Nothing was changed.',
        hint: 'Correct it.',
        actor: 'workflow author',
        docs: 'https://docs.test/errors.md#config_invalid',
      },
      findings: [],
      lines: [],
    });
    expect(text).toBe(
      '## ✘ check: usage, CONFIG\\_INVALID\n\n**The config cannot be used.** a.yaml:3:7: waves is missing\n\n**What now:** Correct it.\n\n**State of the mesh:** Nothing was changed. **To act:** workflow author. [Explained](https://docs.test/errors.md#config_invalid)\n\n',
    );
  });

  it(`stays below 1 MiB for names of any length (seed ${seed})`, () => {
    const long = fc.integer({ min: 0, max: 20_000 }).map((size) => '<€|`&'.repeat(size / 5));
    const facts = fc.record({ text: long, rows: fc.integer({ min: 0, max: 300 }) });
    fc.assert(
      fc.property(facts, ({ text, rows }) => {
        const many = <T>(make: (index: number) => T) => Array.from({ length: rows }, (_, index) => make(index));
        const [stage] = reportWith().stages;
        const summary = renderSummary({
          command: text,
          ended: { kind: 'held', message: text, next: text },
          lines: [text],
          findings: many((index) =>
            aFinding(text, { message: `${index}${text}`, objects: many(() => text), fix: text }),
          ),
          report: reportWith({
            waves: many(() => ({ name: text, namespaces: many(() => text), state: text, reason: text, checks: [] })),
            stages: many(() => ({ ...(stage as NonNullable<typeof stage>), title: text, proof: text })),
            verdicts: [],
            findings: [],
          }),
        });
        expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
        expect(summary.startsWith('## ✘ ')).toBe(true);
      }),
      { seed, numRuns: 15 },
    );
  });
});
