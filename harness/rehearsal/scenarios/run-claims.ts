import { parseDuration } from '../../../src/model/duration.ts';
import { numberOf } from '../../../src/model/procedure.ts';
import type { Ran } from '../model/backend.ts';
import type { RunShape } from '../model/scenario-schema.ts';
import type { Expectations } from './expectations.ts';
import { fits, fitsLine } from './pattern.ts';

/**
 * What one run gave, against what the scenario expects of it; `who` begins every claim.
 * @param slack by which limits in time grow where time is real, and its machine has other work too
 */
export function expectRun(
  expectations: Expectations,
  who: string,
  expected: RunShape,
  { exitCode, log, report, job }: Ran,
  slack = 1,
): void {
  if (expected.killAt !== undefined) expectations.equal(`${who} was killed at "${expected.killAt}"`, exitCode, null);
  if (expected.killAfter !== undefined)
    expectations.equal(`${who} was killed ${expected.killAfter} after it began`, exitCode, null);
  if (expected.exitCode !== undefined)
    expectations.equal(`${who} ends with exit code ${expected.exitCode}`, exitCode, expected.exitCode);
  if (expected.outcome !== undefined)
    expectations.equal(`${who} is ${expected.outcome}`, report?.outcome?.kind, expected.outcome);
  if (expected.problem !== undefined)
    expectations.equal(`${who} names ${expected.problem}`, report?.outcome?.problems[0]?.code, expected.problem);
  if (expected.stages !== undefined)
    expectations.equal(
      `${who} has done stages ${expected.stages.join(', ')}`,
      report?.stages.filter(({ done }) => done).map(({ number }) => number),
      expected.stages.map(numberOf),
    );
  if (expected.verdicts !== undefined) {
    const wanted = expected.verdicts.flatMap(Object.entries).map(([wave, verdict]) => `${wave}: ${verdict}`);
    expectations.equal(
      `${who} gave ${wanted.length === 0 ? 'no verdict' : wanted.join(', ')}`,
      report?.verdicts.map(({ wave, verdict }) => `${wave}: ${verdict}`),
      wanted,
    );
  }
  for (const text of expected.log) expectations.expect(`${who} says "${text}"`, log.includes(text), lastLines(log));
  if (expected.left !== undefined) expectLeft(expectations, who, expected.left, { log, report });
  if (expected.tagBack !== undefined)
    expectAtMost(expectations, `${who} had the tag back`, report?.cost.failToTagBackMs, expected.tagBack, slack);
  if (expected.took !== undefined) expectAtMost(expectations, `${who} took`, report?.durationMs, expected.took, slack);
  if (expected.conclusion !== undefined)
    expectations.equal(`the job of ${who} ends as ${expected.conclusion}`, job?.conclusion, expected.conclusion);
  if (expected.cancelAt !== undefined) {
    expectations.expect(
      `${who} was cancelled at "${expected.cancelAt}"`,
      log.includes(expected.cancelAt),
      lastLines(log),
    );
    expectations.equal(`no process of ${who} outlived its job`, job?.orphans, []);
  }
  for (const line of expected.summary)
    expectations.expect(
      `the summary of ${who} says "${line}"`,
      job?.summary.split('\n').some((each) => fitsLine(line, each)) === true,
      job?.summary,
    );
}

/** The log and the report name what still runs the new proxy, each with the reason: what the scenario says, and nothing else. */
function expectLeft(
  expectations: Expectations,
  who: string,
  wanted: readonly string[],
  { log, report }: Pick<Ran, 'log' | 'report'>,
): void {
  const finding = report?.outcome?.problems.find(({ code }) => code === 'PODS_LEFT_BEHIND');
  const named = (finding?.objects ?? []).map((object) => /^\w+ (\S+): ./.exec(object)?.[1] ?? object);
  const more = named.filter((id) => !wanted.some((pattern) => fits(pattern, id)));
  const missing = wanted.filter((pattern) => !named.some((id) => fits(pattern, id)));
  expectations.expect(
    `the report of ${who} names what is left, and why: ${wanted.join(', ')}`,
    named.length > 0 && more.length === 0 && missing.length === 0,
    { named, more, missing },
  );
  const unsaid = named.filter((id) => !log.includes(` ${id}: `));
  expectations.expect(`the log of ${who} names what is left`, named.length > 0 && unsaid.length === 0, unsaid);
}

function expectAtMost(
  expectations: Expectations,
  claim: string,
  ms: number | null | undefined,
  limit: string,
  slack: number,
): void {
  const saw = ms === null || ms === undefined ? 'unknown' : `${ms} ms`;
  const words = slack === 1 ? `within ${limit}` : `within ${slack} times ${limit}`;
  expectations.expect(`${claim} ${words}`, typeof ms === 'number' && ms <= slack * parseDuration(limit), saw);
}

const lastLines = (log: string): string => log.trimEnd().split('\n').slice(-3).join(' / ');
