import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClusterDiffers } from '../../src/checks/cluster.ts';
import { renderHtmlReport } from '../../src/report/html/render-html-report.ts';
import { reportText } from '../../src/report/report-text.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { failedRun } from './html-report-fixture.ts';

const seed = 20261123;
const render = (report: RunReport | readonly RunReport[], title = 'upgrade') => renderHtmlReport(report, { title });

/** Every tag with the names of its attributes, without their values and without text. */
const skeleton = (page: string): readonly string[] =>
  (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replaceAll(/"[^"]*"/g, '""'));

/** The text that a reader sees, in order. */
const textOf = (page: string): string =>
  page
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, ' ');

describe('the page of a run', () => {
  it('begins with the outcome and what to do now', () => {
    const text = textOf(render(failedRun()));
    const order = ['Rolled back', 'What now:', '1.30.4 → 1.31.0', 'Findings', 'Timeline', 'Pods by revision', 'Stages'];
    const places = order.map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it.for([
    { kind: 'completed', says: 'Completed' },
    { kind: 'reached', says: 'Reached its goal' },
    { kind: 'nothing-to-do', says: 'Nothing to do' },
    { kind: 'blocked', says: 'Blocked' },
    { kind: 'held', says: 'Held' },
    { kind: 'rollback-held', says: 'Act now' },
    { kind: 'interrupted', says: 'Interrupted' },
  ] as const)('says $says when the outcome is $kind', ({ kind, says }) => {
    const { outcome, ...report } = failedRun();
    if (outcome === undefined) throw new Error('the fixture has an outcome');
    expect(render({ ...report, outcome: { ...outcome, kind } })).toMatch(new RegExp(`<h1>[^\\n]*${says}`));
  });

  it('says how an error left the mesh and what to do', () => {
    const { outcome: _, ...report } = failedRun();
    const error = ClusterDiffers.of('uid-a', 'uid-b');
    const text = textOf(render({ ...report, error }));
    for (const part of [error.code, error.message, error.hint, error.state]) expect(text).toContain(part);
  });

  it('shows any thrown value as an error', () => {
    const { outcome: _, ...report } = failedRun();
    expect(textOf(render({ ...report, error: 'out of luck' }))).toContain('out of luck');
    expect(textOf(render({ ...report, error: null }))).toContain('Ended by an error');
  });

  it('shows each value with its limit, and which stage was not done', () => {
    const text = textOf(render(failedRun()));
    for (const part of ['5 %', '1 %', 'waited for a verdict', 'Tag back after 0.3 s']) expect(text).toContain(part);
  });

  it('shows requests that failed while pods were replaced apart from the values of the verdict', () => {
    expect(textOf(render(failedRun()))).toContain(
      'failed while pods were replaced (0:42): 3 of 900 requests (UC 3), not in the verdict',
    );
  });

  it('has a label for every picture that is not hidden from screen readers', () => {
    const pictures = render(failedRun()).match(/<svg [^>]*(?:role|aria-hidden)="[^>]*>/g) ?? [];
    expect(pictures.length).toBeGreaterThan(5);
    for (const picture of pictures) expect(picture).toMatch(/aria-hidden="true"|role="img" aria-label="[^"]{20,}"/);
    expect(render(failedRun())).toContain('aria-label="server-side errors of wave canary over');
  });

  it('draws no line where nothing was counted', () => {
    const page = render(failedRun());
    expect(page.match(/<circle class="line-own"/g)).toHaveLength(2);
    expect(page.match(/<line class="line-own/g)).toHaveLength(1);
  });

  it('draws what is usual, the limit of each look, the rest of the mesh and the workload that fails', () => {
    const page = render(failedRun());
    expect(page.match(/<rect class="band-usual"/g)).toHaveLength(1);
    // It fell once: flat, down.
    expect(page.match(/<line class="line-limit"/g)).toHaveLength(2);
    expect(page.match(/<line class="line-rest"/g)).toHaveLength(1);
    expect(page.match(/<circle class="line-worst"/g)).toHaveLength(1);
    expect(textOf(page)).toContain('bar/checkout 45 % of 100');
  });

  it('names what failed the wave, what is usual, and what else failed', () => {
    const text = textOf(render(failedRun()));
    expect(text).toContain('canary: fail, server-side errors');
    expect(text).toContain('usually 0.1 % (at most 0.12 %), limit 0.23 %, rest of the mesh 0.11 %.');
    expect(text).toContain('Also: refused up to 0.3 % of 1,000 requests (limit 0.06 % then).');
  });

  it('shows in the table each look with what was usual and allowed', () => {
    const text = textOf(render(failedRun()));
    expect(text).toContain('time failed of requests share usual limit rest judged');
    expect(text).toContain('0:50 2 1,000 0.2 % 0.1 % 1 % 0.11 % hold');
    expect(text).toContain('1:28 50 1,000 5 % 0.1 % 0.23 % 0.11 % hold; bar/checkout 45 %, limit 0.3 %');
  });

  it('has the queries of the gate with the times at which they were evaluated', () => {
    const text = textOf(render(failedRun()));
    expect(text).toContain('evaluated at 2026-11-23 03:00:00 UTC sum(istio_requests_total)');
    expect(text).toContain('evaluated from 2026-11-23 02:00:00 UTC to 2026-11-23 03:00:00 UTC, every 15:00');
  });

  it('says that the gate only observes, at the top, for the wave and in its chart', () => {
    const { plan, ...report } = failedRun();
    if (plan === undefined) throw new Error('the fixture has a plan');
    const observed = true;
    const text = textOf(
      render({
        ...report,
        plan: { ...plan, gate: { ...plan.gate, mode: 'observe' } },
        verdicts: report.verdicts.map((verdict) => ({ ...verdict, observed })),
        waves: report.waves.map((wave) => ({ ...wave, observed })),
      }),
    );
    expect(text).toContain('The gate only observes ( gate.mode: observe )');
    expect(text).toContain('canary: ✘ fail, only observed');
    expect(text).toContain('canary: fail (only observed), server-side errors');
    expect(text.indexOf('The gate only observes')).toBeLessThan(text.indexOf('Findings'));
    expect(textOf(render(failedRun()))).not.toContain('only observe');
  });

  it('does not call an upgrade good that only an observing gate let through', () => {
    const { outcome, ...report } = failedRun();
    if (outcome === undefined) throw new Error('the fixture has an outcome');
    const completed = { ...report, outcome: { ...outcome, kind: 'completed' as const } };
    const verdicts = (observed?: true) => report.verdicts.map((each) => ({ ...each, ...(observed && { observed }) }));
    const observed = textOf(render({ ...completed, verdicts: verdicts(true) }));
    expect(observed).toContain('! Completed, although a verdict was against it');
    expect(observed).toContain('What now: Look at the verdicts of the waves before you keep this release.');
    expect(textOf(render({ ...completed, verdicts: [] }))).toContain('✔ Completed');
  });

  it('says that there is no history where the limit is the one of gate.errorRatio', () => {
    const { samples, ...report } = failedRun();
    if (samples === undefined) throw new Error('the fixture has samples');
    const text = textOf(render({ ...report, samples: { ...samples, usual: {} } }));
    expect(text).toContain('there is no history, so the limit is that of gate.errorRatio');
  });

  it('draws a report of an earlier release, which has no limits, as the first gate counted', () => {
    const { samples, ...report } = failedRun();
    if (samples === undefined) throw new Error('the fixture has samples');
    const { usual: _usual, queries: _queries, ...earlier } = samples;
    const gate = earlier.gate.map(({ judged: _judged, ...sample }) => sample);
    const page = render({ ...report, samples: { ...earlier, gate } });
    expect(page.match(/<circle class="line-own"/g)).toHaveLength(2);
    expect(page).not.toMatch(/<line class="line-limit"|undefined|NaN/);
    expect(textOf(page)).toContain('5 % of 1,000 requests.');
  });

  it('shows a report that has no samples, no plan and no stages', () => {
    const { samples: _samples, phases: _phases, outcome: _outcome, ...report } = failedRun();
    const page = render({ ...report, plan: undefined, stages: [], effects: [], waves: [], verdicts: [], findings: [] });
    expect(page).toContain('The report has no end of the run');
    expect(page).not.toMatch(/undefined|NaN/);
  });

  it('shows several runs on one page, and says when there is none', () => {
    const page = render([failedRun(), failedRun()]);
    expect(page).toContain('Run 2 of 2');
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(render([])).toContain('No run left a report.');
  });

  it('shows the failed expectations of a rehearsal above the run', () => {
    const expectations = [
      { claim: 'the tag is back', holds: false, saw: '1-31-0' },
      { claim: 'it ends', holds: true, saw: '' },
    ];
    const text = textOf(renderHtmlReport(failedRun(), { title: 'Rehearsal', expectations }));
    expect(text).toContain('1 of 2 expectations hold');
    expect(text.indexOf('Expected: the tag is back')).toBeLessThan(text.indexOf('Rolled back'));
  });

  it('loads nothing and runs no script', () => {
    const page = render(failedRun());
    // A link loads nothing until a person follows it; only one kind is allowed.
    const links = /<a href="https:\/\/github\.com\/[\w/.-]+\/docs\/errors\.md#[\w%-]*">Explained<\/a>/g;
    expect(page.match(links)).not.toBeNull();
    expect(page.replaceAll(links, '')).not.toMatch(
      /<script|<link|<img|<iframe|@import|url\(|\bhref=|\bsrc=|javascript:|https?:/i,
    );
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('stays small after ten thousand restarts', () => {
    const report = failedRun();
    const effects = Array.from({ length: 10_000 }, (_, index) => ({
      effect: `restart Deployment ns-${index}/app`,
      startedAt: report.startedAt + 9 * index,
      durationMs: 5,
      failed: false,
    }));
    const page = render({ ...report, effects });
    expect(page.length).toBeLessThan(500_000);
    expect(page).toContain('And 9000 more, in the JSON report.');
  });
});

describe(`text from a cluster (seed ${seed})`, () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      '</style><style>*{display:none}</style>',
      '</title></svg></table>]]>-->',
      '<!--',
      '&lt;script&gt;&#60;',
      '\u202eecalpsnart\u2066',
      '$' + '{alert(1)}`',
      '__proto__',
      'constructor',
    ),
    fc.string({ unit: 'binary', minLength: 1 }),
  );

  it('never becomes markup, wherever it is shown', () => {
    // Different names stay different and equal names stay equal, since the page depends on that.
    const plain = skeleton(render(failedRun()));
    const inert = fc.property(hostile, fc.boolean(), (evil, before) => {
      const page = render(
        failedRun((name) => (before ? `${evil}${name}` : `${name}${evil}`)),
        evil,
      );
      expect(skeleton(page)).toEqual(plain);
      expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069\0]/);
    });
    fc.assert(inert, { seed, numRuns: 200 });
  });
});

describe('the text of a report file', () => {
  it.for([
    { file: 'run.html', begins: '<!doctype html>' },
    { file: 'RUN.HTML', begins: '<!doctype html>' },
    { file: 'run.json', begins: '{' },
    { file: 'html', begins: '{' },
  ])('of $file begins with $begins', ({ file, begins }) => {
    expect(reportText(file, failedRun()).slice(0, begins.length)).toBe(begins);
  });
});
