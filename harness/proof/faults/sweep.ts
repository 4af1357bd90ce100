import { type Arena, isDone, openArena } from './arena.ts';
import type { Contender } from './contender.ts';
import { differencesBetween, type EndState, endState } from './end-state.ts';
import { stealLease } from './lease-writer.ts';
import type { IstioctlFault, RequestFault, Tamper } from './tamper.ts';
import { smallTask } from './task.ts';
import { compactAndEndWatches, dropWatchEvents, duplicateWatchEvents, staleLists } from './watch-tampers.ts';
import { isApiWrite, isIstioctlWrite, isOfLock } from './writers.ts';

/** One effect or one request that changes something, of a run that nothing disturbs. */
interface Step {
  number: number;
  what: string;
  by: 'api' | 'istioctl';
}

export type Release = 'good' | 'bad';

const onRequests = {
  'crash before': 'crash-before',
  'crash after': 'crash-after',
  'timeout before commit': 'timeout-before-commit',
  'timeout after commit': 'timeout-after-commit',
  conflict: { status: 409 },
  '429 with Retry-After': { status: 429, retryAfterSeconds: 7 },
  '500': { status: 500 },
  '503': { status: 503 },
  '504 after commit': { status: 504, after: 'write' },
} as const satisfies Record<string, RequestFault>;

const onIstioctl = {
  'crash before': 'crash-before',
  'crash during': 'crash-during',
  'crash after': 'crash-after',
  'fails before': 'fail-before',
  'fails after': 'fail-after',
  'hangs before': 'hang-before',
  'hangs after': 'hang-after',
} as const satisfies Record<string, IstioctlFault>;

/** Faults of the world that begin in the moment of a step. */
const besides = {
  'lost lease': ({ sim }: Arena) => {
    stealLease(sim);
  },
  'watch events dropped': (arena: Arena) => {
    arena.tampers.push(dropWatchEvents(arena.sim, 4_000));
  },
  '410': ({ sim }: Arena) => compactAndEndWatches(sim),
} as const satisfies Record<string, (arena: Arena) => void>;

export interface SweepCase {
  release: Release;
  step: Step;
  fault: string;
}

const staleMs = 10_000;
const attemptsMax = 6;

/** The undisturbed run: its steps, and how it ends. */
export interface Golden {
  release: Release;
  steps: readonly Step[];
  end: EndState;
}

export async function goldenRun(contender: Contender, release: Release): Promise<Golden> {
  const arena = await meshFor(release);
  const steps: Step[] = [];
  arena.tampers.push(
    onEachStep((step) => {
      steps.push(step);
      return undefined;
    }),
  );
  const end = await arena.attempt(contender);
  const wanted = release === 'good' ? 'completed' : 'rolled-back';
  if (typeof end === 'string' || end.end !== wanted || arena.breaches.length > 0)
    throw new Error(
      `undisturbed, ${contender.name} should end ${wanted} and break nothing: ${JSON.stringify([end, arena.breaches])}`,
    );
  return { release, steps, end: endState(arena.sim) };
}

/** All cases of a golden run. The heartbeats of the lock are many and alike: its first two stand for them. */
export function casesOf({ release, steps }: Golden): SweepCase[] {
  return steps.flatMap((step) => {
    const own = step.by === 'api' ? Object.keys(onRequests) : Object.keys(onIstioctl);
    return [...own, ...Object.keys(besides), 'watch events duplicated', 'stale lists'].map((fault) => ({
      release,
      step,
      fault,
    }));
  });
}

/** @returns what is wrong; empty when it converged to the undisturbed end with every invariant kept */
export async function runCase(
  contender: Contender,
  { release, step, fault }: SweepCase,
  golden: Golden,
  tell?: (text: string) => void,
): Promise<readonly string[]> {
  const arena = await meshFor(release, tell);
  let isNear = false;
  let happened = false;
  if (fault === 'watch events duplicated') arena.tampers.push(duplicateWatchEvents(() => isNear));
  if (fault === 'stale lists') arena.tampers.push(staleLists(() => isNear));
  const strike = (at: Step): string | undefined => {
    if (happened || at.number !== step.number) return undefined;
    happened = true;
    arena.tell(`fault: ${fault} at step ${at.number}, ${at.what}`);
    isNear = true;
    arena.sim.in(staleMs, () => {
      isNear = false;
    });
    if (fault === 'stale lists') compactAndEndWatches(arena.sim);
    if (fault in besides) besides[fault as keyof typeof besides](arena);
    return fault;
  };
  arena.tampers.unshift(onEachStep(strike));
  const end = await arena.untilDone(contender, attemptsMax);
  const wrong = arena.breaches.map(({ invariant, what }) => `${invariant}: ${what}`);
  if (!happened) wrong.push(`step ${step.number} was never reached`);
  if (!isDone(end)) return [...wrong, `END: it did not converge: ${JSON.stringify(end)}`];
  // What istioctl or a pod on its way out still does.
  await arena.sim.advance(10_000);
  const differences = differencesBetween(golden.end, endState(arena.sim), end.end);
  return [...wrong, ...differences.map((each) => `END: ${each}`)];
}

async function meshFor(release: Release, tell?: (text: string) => void): Promise<Arena> {
  const arena = await openArena({ seed: 1, task: smallTask, ...(tell === undefined ? {} : { tell }) });
  if (release === 'bad') {
    Object.assign(arena.referee.conditions, { badRelease: true, mayBlameRelease: true });
    arena.sim.traffic.setErrorRatio({ revision: smallTask.to.revision, isGateway: false, ratio: 0.3 });
  }
  return arena;
}

/** Calls at each step; what that returns is the fault of that step by name. */
function onEachStep(strike: (step: Step) => string | undefined): Tamper {
  let count = 0;
  let heartbeats = 0;
  return {
    onRequest: (request) => {
      if (!isApiWrite(request) || (isOfLock(request) && ++heartbeats > 3)) return undefined;
      const what = `${request.method} ${request.path.replace(/\?.*/, '')}`;
      const fault = strike({ number: ++count, what, by: 'api' });
      return onRequests[fault as keyof typeof onRequests];
    },
    onIstioctl: (args) => {
      if (!isIstioctlWrite(args)) return undefined;
      const fault = strike({ number: ++count, what: `istioctl ${args.join(' ')}`, by: 'istioctl' });
      return onIstioctl[fault as keyof typeof onIstioctl];
    },
  };
}
