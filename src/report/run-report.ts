import type { Awaited } from '../model/awaited.ts';
import type { ClusterName } from '../model/cluster-name.ts';
import type { TimedEvent } from '../model/events.ts';
import type { WhileReplaced } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { Journal } from '../model/journal.ts';
import { waveState } from '../model/journal.ts';
import { marksFor } from '../model/marks.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Direction, Plan } from '../model/plan.ts';
import { isBefore, type StepName } from '../model/procedure.ts';
import { renderShortfalls } from './render-event.ts';
import { type Samples, SampleWriter } from './samples.ts';
import { PhaseWriter, type WavePhase } from './wave-phases.ts';

/** A whole run for programs: what happened when, what it cost, and how it ended. Times are Unix milliseconds of this machine. */
export interface RunReport {
  schema: 1;
  /** Absent when the run ended by an error. */
  outcome?: Outcome;
  /** The error that was thrown, in that case. */
  error?: unknown;
  /** Absent in reports of rehearsals and of earlier releases. */
  cluster?: ClusterName;
  plan: Plan | undefined;
  startedAt: number;
  durationMs: number;
  stages: readonly {
    number: number;
    name: string;
    title: string;
    direction: Direction;
    startedAt: number;
    durationMs: number;
    done: boolean;
    proof: string;
    /** For a stage that was not done: what it waited for last. */
    waitedFor?: string;
  }[];
  effects: readonly { effect: string; startedAt: number; durationMs: number; failed: boolean }[];
  /** Namespaces that joined, left or changed their wave in this run, or since the run before. Absent in reports of earlier releases. */
  namespacesMoved?: readonly string[];
  /** Given in this run. */
  verdicts: readonly { wave: string; verdict: string; reason: string; at: number; observed?: true }[];
  /** All waves of the plan, as the journal has them: also with the verdicts of earlier runs. */
  waves: readonly {
    name: string;
    namespaces: readonly string[];
    /** `not begun`, `restarting`, `baking`, or the verdict. */
    state: string;
    reason: string;
    /** Whether the verdict stopped nothing, since `gate.mode` was `observe`. */
    observed?: true;
    /** Each number against its limit, with units. */
    checks: readonly { check: string; verdict: string; value: string; limit: string }[];
    /** Requests while its pods were replaced, which no verdict counts; absent if they are unknown. */
    whileReplaced?: WhileReplaced;
  }[];
  /** When each wave was restarted and baked in this run. */
  phases?: readonly WavePhase[];
  /** What others must do before the run goes on; absent if it waits for no other tool or person. */
  awaited?: readonly Awaited[];
  /** Absent in reports of releases that did not record them. */
  samples?: Samples;
  findings: readonly Finding[];
  cost: {
    /** By verb, of the whole run. */
    requests: Readonly<Record<string, number>>;
    restartedWorkloads: number;
    /** All requests of the run by workload restarted; `null` when none was. */
    requestsPerRestart: number | null;
    /** Only what was sent while the stages from `upgrade-gateways` to `restart-waves` ran. */
    requestsPerRestartWhileRestarting: number | null;
    /** From the verdict against a wave to the moment all of the tag's objects named the old revision. */
    failToTagBackMs: number | null;
  };
}

/** Collects events; `requests` reads the counters of the adapter at any moment. */
export class ReportWriter {
  readonly #events: (TimedEvent & { requests: number })[] = [];
  readonly #samples = new SampleWriter();
  readonly #phases = new PhaseWriter();
  readonly #requests: () => Readonly<Record<string, number>>;

  constructor(requests: () => Readonly<Record<string, number>>) {
    this.#requests = requests;
  }

  receive(event: TimedEvent): void {
    this.#phases.add(event);
    // Their number grows with the length of the run, so samples of them are kept instead.
    if (event.kind === 'snapshot') {
      this.#samples.add(event);
      return;
    }
    this.#events.push({ ...event, requests: total(this.#requests()) });
  }

  write(outcome: Outcome | undefined, journal: Journal | undefined, now: number): RunReport {
    const startedAt = this.#events[0]?.at ?? now;
    const restarts = this.#events.filter(
      (event) => event.kind === 'effect-done' && event.effect.kind === 'restart-workload',
    ).length;
    const requests = this.#requests();
    const connected = this.#events.find((event) => event.kind === 'connected');
    const per = (count: number) => (restarts === 0 ? null : Math.round((100 * count) / restarts) / 100);
    return {
      schema: 1,
      ...(outcome === undefined ? {} : { outcome }),
      ...(connected === undefined ? {} : { cluster: connected.cluster }),
      plan: journal?.plan,
      startedAt,
      durationMs: now - startedAt,
      stages: this.#stages(now),
      effects: this.#effects(now),
      verdicts: this.#events.flatMap((event) =>
        event.kind === 'verdict'
          ? [
              {
                wave: event.wave,
                verdict: event.judged.verdict,
                reason: event.judged.reason,
                at: event.at,
                ...(event.judged.observed && { observed: event.judged.observed }),
              },
            ]
          : [],
      ),
      namespacesMoved: this.#events.flatMap((event) => (event.kind === 'namespaces-moved' ? event.moves : [])),
      waves: wavesOf(journal),
      ...this.#awaited(),
      phases: this.#phases.write(now),
      samples: this.#samples.write(),
      findings: this.#events.flatMap((event) =>
        event.kind === 'problem' ? [event.problem] : event.kind === 'findings' ? event.findings : [],
      ),
      cost: {
        requests,
        restartedWorkloads: restarts,
        requestsPerRestart: per(total(requests)),
        requestsPerRestartWhileRestarting: per(this.#requestsWhileRestarting()),
        failToTagBackMs: this.#failToTagBack(),
      },
    };
  }

  /** Of the last stage, unless it was done. */
  #awaited(): Pick<RunReport, 'awaited'> {
    const last = this.#events.findLast(({ kind }) => kind === 'awaiting' || kind === 'stage-done');
    return last?.kind === 'awaiting' ? { awaited: last.awaited } : {};
  }

  #stages(now: number): RunReport['stages'] {
    let direction: Direction = 'forward';
    return this.#events.flatMap((event, index) => {
      if (event.kind === 'run-started') direction = event.direction;
      if (event.kind !== 'stage-started') return [];
      const next = this.#events
        .slice(index + 1)
        .find(
          ({ kind }) => kind === 'stage-done' || kind === 'stage-started' || kind === 'problem' || kind === 'run-ended',
        );
      const done = next?.kind === 'stage-done';
      const wait = this.#events
        .slice(index + 1, next === undefined ? undefined : this.#events.indexOf(next))
        .findLast((later) => later.kind === 'waiting');
      return [
        {
          number: event.number,
          name: event.name,
          title: event.title,
          direction,
          startedAt: event.at,
          durationMs: (next?.at ?? now) - event.at,
          done,
          proof: done ? next.proof : '',
          ...(done || wait === undefined ? {} : { waitedFor: renderShortfalls(wait.shortfalls) }),
        },
      ];
    });
  }

  #effects(now: number): RunReport['effects'] {
    return this.#events.flatMap((event, index) => {
      if (event.kind !== 'effect-started') return [];
      const { text } = event;
      const end = this.#events
        .slice(index + 1)
        .find((later) => (later.kind === 'effect-done' || later.kind === 'effect-failed') && later.text === text);
      return [
        {
          effect: text,
          startedAt: event.at,
          durationMs: (end?.at ?? now) - event.at,
          failed: end?.kind !== 'effect-done',
        },
      ];
    });
  }

  #requestsWhileRestarting(): number {
    let sum = 0;
    this.#events.forEach((event, index) => {
      if (event.kind !== 'stage-started' || !restarts(event.step)) return;
      const next = this.#events
        .slice(index + 1)
        .find(
          ({ kind }) => kind === 'stage-done' || kind === 'stage-started' || kind === 'run-ended' || kind === 'problem',
        );
      sum += (next?.requests ?? total(this.#requests())) - event.requests;
    });
    return sum;
  }

  #failToTagBack(): number | null {
    const fail = this.#events.findIndex((event) => event.kind === 'verdict' && event.judged.verdict === 'fail');
    const failed = this.#events[fail];
    if (failed === undefined) return null;
    const moved = this.#events.slice(fail).find((event) => event.kind === 'stage-done' && event.step === 'move-tag');
    return moved === undefined ? null : moved.at - failed.at;
  }
}

/** Whether pods are restarted, or watched after their restart, in this step. */
const restarts = (step: StepName): boolean =>
  !isBefore(step, 'upgrade-gateways') && isBefore(step, 'remove-old-revision');

function wavesOf(journal: Journal | undefined): RunReport['waves'] {
  if (journal === undefined) return [];
  return journal.plan.waves.map((wave) => {
    const { name, namespaces } = wave;
    const { verdict } = marksFor(journal.marks, wave);
    const state = waveState(journal, wave);
    return {
      name,
      namespaces,
      state,
      reason: verdict?.reason ?? '',
      ...(verdict?.observed && { observed: verdict.observed }),
      checks: verdict?.answers ?? [],
      ...(verdict?.whileReplaced && { whileReplaced: verdict.whileReplaced }),
    };
  });
}

/** Requests that the API server answered itself; those that it passed on to Prometheus are not a cost of a restart. */
const total = (requests: Readonly<Record<string, number>>): number =>
  Object.entries(requests).reduce((sum, [verb, count]) => (verb === 'proxy' ? sum : sum + count), 0);
