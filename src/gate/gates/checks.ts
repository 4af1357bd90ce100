import type { CheckAnswer } from '../../model/evidence.ts';
import { defineFinding, type Finding, problemOf } from '../../model/finding.ts';
import type { MetricCheck } from '../../model/gate-settings.ts';
import { UpgradeError } from '../../model/upgrade-error.ts';
import type { Answer } from '../../ports/prometheus.ts';
import { fillTemplate, selectorsOf } from '../../promql/lint-promql.ts';
import { type Asking, query, type Reading, read } from '../asking.ts';
import { alternation, type Beforehand, type Gate, type Judgement, type Look, type Scope } from '../gate.ts';

export const CheckSeesNothing = defineFinding({
  code: 'CHECK_SEES_NOTHING',
  severity: 'blocks',
  title: 'No series matches any selector of a check in gate.checks.',
  cause: 'A metric name or label in its query is misspelt, or what it measures is not scraped.',
  fix: 'Correct its metric names and labels.',
  blames: 'person',
  isAboutGate: true,
});

export const CheckEmpty = defineFinding({
  code: 'CHECK_EMPTY',
  severity: 'blocks',
  title: 'The query of a check in gate.checks has no result now.',
  cause:
    'Its query matches series, and the result is empty: most often a ratio whose numerator has no series as long as nothing fails.',
  fix: 'Make the query return a number when nothing fails: write (… or vector(0)) as the numerator, or set empty: zero.',
  blames: 'person',
  isAboutGate: true,
});

export const CheckWarns = defineFinding({
  code: 'CHECK_WARNS',
  severity: 'warns',
  title: 'Prometheus warns about the query of a check.',
  cause: 'For example a rate() over something that is not a counter, or a partial answer of a store behind Prometheus.',
  fix: 'Correct the query, or repair the store: as long as Prometheus warns, no wave passes.',
  blames: 'person',
  isAboutGate: true,
});

export const CheckRedBeforeStart = defineFinding({
  code: 'CHECK_RED_BEFORE_START',
  severity: 'blocks',
  title: 'A check in gate.checks is outside its limits before the upgrade begins.',
  cause: 'The service is broken already, or the limits are below what is normal for it.',
  fix: 'Repair the service or correct the limits.',
  blames: 'workload',
  isAboutGate: true,
});

/** The checks of the config, each in its user's PromQL. */
export const checks: Gate<readonly CheckAnswer[]> = {
  label: 'checks of the config',
  about: 'config',
  nothing: [],
  count,
  judge: (answers) => answers.map((answer) => ({ label: answer.name, ...threshold(answer) })),
  inspect: (beforehand) => beforehand.settings.checks.map((check) => inspect(check, beforehand)),
};

/** The query with what `${…}` in it stands for. */
const queryOf = (check: MetricCheck, { namespaces, wave, variables, settings }: Scope): string =>
  fillTemplate(check.query, {
    namespaces: alternation(namespaces),
    wave,
    ...variables,
    window: `${Math.ceil(settings.watchMs / 1000)}s`,
    match: settings.match,
  });

function* count(look: Look): Asking<readonly CheckAnswer[], Reading> {
  const asked = look.settings.checks.map((check) => ({ ...check, query: queryOf(check, look) }));
  const readings = yield* read(...asked.map((check) => ({ query: check.query, at: look.until })));
  return asked.map((check, index) => ({
    ...check,
    values: (readings[index] ?? []).map(({ labels, value }) => ({
      labels: Object.keys(labels).length === 0 ? '' : ` ${JSON.stringify(labels)}`,
      value,
    })),
  }));
}

/** Every series must hold the limits: the worst decides, none is dropped. */
function threshold({ max, min, empty, values }: CheckAnswer): Judgement {
  const limit = [max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`]
    .filter(Boolean)
    .join(' and ');
  const series = values.length === 0 && empty === 'zero' ? [{ labels: '', value: 0 }] : values;
  const broken = series.find(({ value }) => !Number.isNaN(value) && isOutside(value, { max, min }));
  if (broken !== undefined) return { verdict: 'fail', value: `${show(broken.value)}${broken.labels}`, limit };
  if (series.some(({ value }) => Number.isNaN(value))) return { verdict: 'hold', value: 'NaN', limit };
  const [worst] = series.map(({ value }) => value).sort((a, b) => (max === undefined ? a - b : b - a));
  return worst === undefined
    ? { verdict: 'hold', value: 'no series', limit }
    : { verdict: 'pass', value: show(worst), limit };
}

const isOutside = (value: number, { max, min }: { max: number | undefined; min: number | undefined }): boolean =>
  (max !== undefined && value > max) || (min !== undefined && value < min);

const show = (value: number): string => String(Number(value.toPrecision(4)));

function* inspect(check: MetricCheck, beforehand: Beforehand): Asking<readonly Finding[], Answer> {
  const text = queryOf(check, beforehand);
  try {
    const [answer, ...seen] = yield* query(
      { query: text },
      ...selectorsOf(text).map((selector) => ({ query: `count(${selector})` })),
    );
    const isSeen = seen.length === 0 || seen.some(({ series }) => series.length > 0);
    return findingsOf(check, { text, isSeen, ...answer }, beforehand);
  } catch (failure) {
    if (failure instanceof UpgradeError)
      return [{ ...problemOf(failure, [text]), message: `Check "${check.name}": ${failure.message}` }];
    throw failure;
  }
}

function findingsOf(
  { name, max, min, empty }: MetricCheck,
  { text, isSeen, series, warnings }: Answer & { text: string; isSeen: boolean },
  { namespaces, started }: Beforehand,
): readonly Finding[] {
  if (!isSeen)
    return [CheckSeesNothing.of(`Check "${name}": no series matches it for ${namespaces.join(', ')}.`, [text])];
  if (series.length === 0 && empty === 'hold')
    return [CheckEmpty.of(`Check "${name}" answers nothing now, and nothing is never a pass.`, [text])];
  const findings: Finding[] = warnings.map((said) =>
    CheckWarns.of(`Check "${name}": Prometheus warns: ${said}`, [text]),
  );
  const red = series.find(({ value }) => isOutside(value, { max, min }));
  if (red !== undefined && !started)
    findings.push(CheckRedBeforeStart.of(`Check "${name}" is ${red.value} already, outside its limits.`, [text]));
  return findings;
}
