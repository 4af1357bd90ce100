import { gatewayWave } from '../mesh/gateway-wave.ts';
import { marksOf, presentIn } from '../mesh/marks-of.ts';
import type { Effect } from '../model/effect.ts';
import type { JudgedEvidence, Traffic } from '../model/evidence.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { Workload, World } from '../model/world.ts';
import { elapsed } from '../report/render-event.ts';
import { overBudget } from './budget.ts';
import {
  brokenRollouts,
  exceptionsOf,
  nextRestarts,
  podsElsewhere,
  restartShortfalls,
  workloadsOf,
} from './next-restarts.ts';

export const GateFailed = defineFinding({
  code: 'GATE_FAILED',
  severity: 'blocks',
  title: 'A wave failed its gate: the new proxies fail more than the limits allow.',
  cause:
    'Since the pods of the wave were ready, requests, configuration pushes, injections or a check of the config were outside the limits, by more than chance explains.',
  fix: 'Look at the pods with most errors, and find the cause before the next attempt. While the run holds, `upgrade --rejudge` bakes the wave again, and `rollback` rolls the upgrade back.',
  blames: 'release',
  isAboutGate: true,
  next: 'rollback',
});

export const GateInconclusive = defineFinding({
  code: 'GATE_INCONCLUSIVE',
  severity: 'blocks',
  title: 'A wave could not be judged in the time that it may take.',
  cause:
    'When gate.maxBake was over, there were fewer requests than gate.minRequests, or a number was above its limit by no more than chance explains. Or Prometheus still did not answer, or still warned, when gate.telemetryTimeout after the bake was over.',
  fix: 'Send more traffic or repair the telemetry, then run again: the wave is baked once more. Or roll back with `rollback`.',
  blames: 'release',
  isAboutGate: true,
  policy: 'inconclusive',
});

export const WaveNotSeen = defineFinding({
  code: 'WAVE_NOT_SEEN',
  severity: 'blocks',
  title: 'Prometheus says nothing now of a wave that has passed.',
  cause:
    'For as long as pace.patience, Prometheus did not answer or warned, or no pod of the wave was scraped. Without it no further wave begins, and the old istiod is not removed.',
  fix: 'Repair Prometheus or its scrapes, then run again: the upgrade goes on where it was.',
  blames: 'surroundings',
  isAboutGate: true,
});

type Moving = Pick<World, 'workloads' | 'marks' | 'namespaces' | 'troubles' | 'setAside'>;
type Breaking = Pick<World, 'workloads' | 'troubles' | 'stillFor' | 'marks' | 'setAside' | 'refusals'>;
type Judging = Pick<World, 'judged' | 'marks' | 'namespaces'>;

const judgedOf = ({ judged }: Pick<World, 'judged'>, { name }: Wave): JudgedEvidence | undefined =>
  judged.find(({ evidence }) => evidence.wave === name);

/** The workloads of a wave that are waited for. */
const toMove = (world: Pick<World, 'workloads' | 'setAside'>, { namespaces }: Wave, plan: Plan): readonly Workload[] =>
  workloadsOf(world.workloads, namespaces, plan).filter(({ id }) => !world.setAside.has(id));

/** Broken rollouts that the upgrade can go on without: the release is not the cause, or is only suspected. */
export const brokenAlone = (world: Breaking, wave: Wave, plan: Plan): readonly Problem[] =>
  brokenRollouts(world, toMove(world, wave, plan), plan).filter(({ meaning }) => meaning.setsAside === true);

/** Why the run stops: rollouts that the release has broken, and more suspects than are allowed. */
export function brokenForAll(world: Breaking, wave: Wave, plan: Plan): readonly Problem[] {
  const found = brokenRollouts(world, toMove(world, wave, plan), plan);
  return [...found.filter(({ meaning }) => meaning.setsAside !== true), ...overBudget(world, wave, found, plan)];
}

/** Restarts of one wave; its times are marked first, since the gate counts from them. */
export function moveWave(world: Moving, wave: Wave, plan: Plan): readonly Effect[] {
  const workloads = toMove(world, wave, plan);
  const { startedAt, readyAt } = marksOf(world, wave);
  if (startedAt === undefined) {
    const note = { wave: wave.name, namespaces: presentIn(world, wave) };
    return [{ kind: 'begin-wave', ...note, ...(isEmpty(world, wave, plan) && { empty: true }) }];
  }
  if (restartShortfalls({ ...world, workloads }, plan).length > 0) return nextRestarts(workloads, plan);
  return readyAt === undefined ? [{ kind: 'begin-bake', wave: wave.name, namespaces: presentIn(world, wave) }] : [];
}

/** Whether a wave has no pods to judge. One that is scaled to zero later may be so because its requests are lost. */
function isEmpty({ workloads }: Pick<World, 'workloads'>, { namespaces }: Wave, plan: Plan): boolean {
  const left = new Set([...plan.bare, ...plan.waivers.map(({ workload }) => workload)]);
  return workloadsOf(workloads, namespaces, plan)
    .filter(({ id }) => !left.has(id))
    .every(
      ({ rollout, pods }) =>
        rollout.desired === 0 && [...pods].every(([revision, count]) => revision === 'none' || count === 0),
    );
}

/** What keeps a wave from being baked: pods on another proxy, pods not ready, marks not written. */
export function moveShortfalls(world: Moving, wave: Wave, plan: Plan): readonly Shortfall[] {
  const workloads = toMove(world, wave, plan);
  const shortfalls = restartShortfalls({ ...world, workloads }, plan);
  if (shortfalls.length > 0 || marksOf(world, wave).readyAt !== undefined) return shortfalls;
  return [shortfall(`wave ${wave.name}`, 'ready, its bake has not begun')];
}

/** `2 workloads, 4 pods on 1-31-0`, and by name what no restart moves. */
export function describeMoved(world: Pick<World, 'workloads' | 'setAside'>, wave: Wave, plan: Plan): string {
  const workloads = workloadsOf(world.workloads, wave.namespaces, plan);
  const there = workloads.reduce((sum, { pods }) => sum + (pods.get(plan.to) ?? 0), 0);
  const left = workloads.reduce((sum, workload) => sum + podsElsewhere(workload, plan), 0);
  const exceptions = [
    ...exceptionsOf(workloads, plan),
    ...workloads.filter(({ id }) => world.setAside.has(id)).map(({ id }) => `${id}: set aside`),
  ];
  return `${there}/${there + left} pods on ${plan.to}${exceptions.length > 0 ? `; not moved: ${exceptions.join('; ')}` : ''}`;
}

/** Pods of a wave that were ready when its bake began, and are not any more. A wave does not pass with any. */
export function unreadyShortfalls(world: Moving, wave: Wave, plan: Plan): readonly Shortfall[] {
  if (marksOf(world, wave).readyAt === undefined) return [];
  return restartShortfalls({ ...world, workloads: toMove(world, wave, plan) }, plan);
}

/** The journal has a bounded size. */
const withoutMax = 100;

/** Writes a final verdict down; `hold` is not final. A wave that has passed stays under watch, and can still fail. */
export function recordVerdict(world: Judging & Moving, wave: Wave, plan: Plan): readonly Effect[] {
  const verdict = marksOf(world, wave).verdict?.verdict;
  const judged = judgedOf(world, wave);
  if (judged === undefined || verdict === 'fail' || verdict === 'inconclusive') return [];
  const news = verdict === 'pass' ? judged.verdict === 'fail' : judged.verdict !== 'hold';
  const isBaked = marksOf(world, wave).readyAt !== undefined && unreadyShortfalls(world, wave, plan).length === 0;
  if (judged.verdict === 'pass' && !isBaked) return [];
  const without = workloadsOf(world.workloads, wave.namespaces, plan)
    .filter(({ id }) => world.setAside.has(id))
    .map(({ id }) => id)
    .slice(0, withoutMax);
  return news ? [{ kind: 'record-verdict', wave: wave.name, namespaces: presentIn(world, wave), judged, without }] : [];
}

/**
 * Writes down that a wave fails: one is enough, whether it moves, bakes or has passed. A wave before the gateways, which suffer from the
 * servers that they call.
 */
export const recordFail = (world: Judging & Moving, plan: Plan): readonly Effect[] =>
  [...plan.waves, ...gatewayWave(plan)]
    .flatMap((wave) => recordVerdict(world, wave, plan))
    .filter((each) => each.kind === 'record-verdict' && each.judged.verdict === 'fail')
    .slice(0, 1);

interface Doubt {
  shortfall: Shortfall;
  /** What it is when it lasts. */
  becomes: typeof GateInconclusive | typeof WaveNotSeen;
}

/**
 * Waves that have passed, of which the gate cannot say now that they are well: they have more failures than usual while nothing tells the
 * release from the surroundings, or Prometheus does not answer. As long as that lasts, no wave begins and nothing is removed.
 */
const doubts = (world: Judging, plan: Plan): readonly Doubt[] =>
  (onlyObserves(plan) ? [] : plan.waves).flatMap((wave): Doubt[] => {
    const judged = judgedOf(world, wave);
    if (judged?.evidence.mode !== 'watch' || marksOf(world, wave).verdict?.verdict !== 'pass') return [];
    // Without numbers, which change at every look: it ends when nothing has changed for as long as the run is patient.
    const doubt = (is: string, wanted: string, becomes: Doubt['becomes']): Doubt => {
      const found = shortfall(`wave ${wave.name}, which has passed`, is, wanted);
      return { shortfall: { ...found, endsByItself: true }, becomes };
    };
    const above = judged.answers.find(({ isUnclear }) => isUnclear);
    if (above !== undefined) {
      const is = `${above.check} above usual, with no rest of the mesh to compare it with`;
      return [doubt(is, 'usual', GateInconclusive)];
    }
    const { distrust, pods, gates } = judged.evidence;
    if (distrust.length === 0 && (pods === 0 || gates.freshness > 0)) return [];
    return [doubt('not seen now: Prometheus does not answer, warns or has no fresh sample', 'seen', WaveNotSeen)];
  });

export const watchShortfalls = (world: Judging, plan: Plan): readonly Shortfall[] =>
  doubts(world, plan).map(({ shortfall: found }) => found);

/** The same for as long as the run is patient. */
export const doubtedForTooLong = (world: Judging & Pick<World, 'stillFor'>, plan: Plan): readonly Problem[] =>
  doubts(world, plan)
    .filter(({ shortfall: { what } }) => (world.stillFor.get(what) ?? 0) >= plan.pace.patienceMs)
    .map(({ shortfall: { what, is }, becomes }) => becomes.of(`${what}: ${is}`, [what]));

export function verdictShortfalls(world: Judging & Pick<World, 'now'>, wave: Wave, plan: Plan): readonly Shortfall[] {
  const { verdict, readyAt = world.now } = marksOf(world, wave);
  if (verdict?.verdict === 'pass') return [];
  const is = verdict ?? judgedOf(world, wave);
  if (verdict !== undefined && onlyObserves(plan)) {
    const leftMs = readyAt + plan.gate.settleMs + plan.gate.bakeMs - world.now;
    if (leftMs <= 0) return [];
    const what = `wave ${wave.name}, ${verdict.verdict} (only observed)`;
    return [{ ...shortfall(what, `about ${elapsed(leftMs)} of its bake to go`, 'baked'), endsByItself: true }];
  }
  return [{ ...shortfall(`wave ${wave.name}`, is === undefined ? 'not judged yet' : awaited(is)), endsByItself: true }];
}

/** `hold` is left out, since a user would take it for the outcome `held`. */
const awaited = ({ verdict, reason }: JudgedEvidence): string =>
  verdict === 'hold' ? reason : `${verdict}: ${reason}`;

/** `pass: 1 of 1176 requests failed in 12 s`; the rest is in the report. */
export function describeVerdict(judged: JudgedEvidence | undefined): string {
  if (judged === undefined) return 'no verdict';
  if (judged.evidence.empty) return `${judged.verdict}: ${judged.reason}`;
  const { gates, since, until } = judged.evidence;
  const { requests, errors } = gates.serverSide;
  return `${judged.verdict}${judged.observed ? ' (only observed)' : ''}: ${errors} of ${requests} requests failed in ${Math.round((until - since) / 1000)} s`;
}

/** A verdict against a wave, whichever namespaces it has now: earlier waves stay watched, and a plan that changed takes no fail back. */
export function redVerdicts({ marks }: Pick<World, 'marks'>, plan: Plan): readonly Problem[] {
  if (onlyObserves(plan)) return [];
  return Object.entries(marks.waves).flatMap(([wave, { verdict }]) =>
    verdict === undefined ? [] : redVerdict(wave, verdict),
  );
}

/** As that view counts them in which the worst pod fails most: a few errors at servers say nothing of calls that were refused. */
const worstPods = ({ gates: { serverSide, outbound, clientSide } }: JudgedEvidence['evidence']) =>
  [serverSide, outbound, clientSide]
    .map(({ worst }) => worst)
    .toSorted((a, b) => highestRatio(b) - highestRatio(a))[0] ?? [];

const highestRatio = ([worst]: Traffic['worst']): number => (worst === undefined ? 0 : worst.errors / worst.requests);

/** Of one wave; nothing for a pass. */
export function redVerdict(wave: string, { verdict, reason, evidence }: JudgedEvidence): readonly Problem[] {
  if (verdict === 'fail')
    return [
      GateFailed.of(
        `Wave ${wave} failed: ${reason}`,
        worstPods(evidence).map(({ pod, errors, requests }) => `${pod}: ${errors} of ${requests} requests failed`),
      ),
    ];
  if (verdict === 'inconclusive') return [GateInconclusive.of(`Wave ${wave} could not be judged: ${reason}`, [wave])];
  return [];
}
