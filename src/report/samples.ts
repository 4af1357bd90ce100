import type { TimedEvent } from '../model/events.ts';
import type { Evidence, JudgedEvidence } from '../model/evidence.ts';
import { Thinned } from './thinned.ts';

/** How pods and traffic changed over time, for charts. Times are Unix milliseconds of this machine. */
export interface Samples {
  /** Live mesh pods by revision, at each snapshot that differs from the one before; each is valid until the next. At most 500. */
  pods: readonly { at: number; pods: Readonly<Record<string, number>> }[];
  /** The gates that count requests, and from which side each counts; the one to show first comes first. */
  views: readonly { gate: string; label: string }[];
  /** What they had counted at each evidence, at most 500 for each wave. */
  gate: readonly GateSample[];
}

export interface GateSample {
  at: number;
  wave: string;
  /** `moving`, `bake`: counted since the wave began to restart, since it was ready. `watch`: counted in a sliding window, after its pass. */
  mode: Evidence['mode'];
  verdict: string;
  reason: string;
  /** By gate. */
  counted: Readonly<Record<string, Counted>>;
}

interface Counted {
  requests: number;
  errors: number;
}

const pointsMax = 500;

/** Collects samples of any number of snapshots in bounded memory. */
export class SampleWriter {
  readonly #pods = new Thinned<Samples['pods'][number]>(pointsMax);
  readonly #gate = new Map<string, Thinned<GateSample>>();
  #views: Samples['views'] = [];

  add({ at, pods, judged }: Extract<TimedEvent, { kind: 'snapshot' }>): void {
    if (pods !== undefined) this.#pods.add({ at, pods });
    for (const each of judged) {
      const { wave } = each.evidence;
      this.#views = each.traffic.map(({ gate, label }) => ({ gate, label }));
      const points = this.#gate.get(wave) ?? new Thinned<GateSample>(pointsMax);
      this.#gate.set(wave, points);
      points.add(gateSample(at, each));
    }
  }

  write(): Samples {
    return { pods: this.#pods.list, views: this.#views, gate: [...this.#gate.values()].flatMap(({ list }) => list) };
  }
}

function gateSample(at: number, { verdict, reason, traffic, evidence: { wave, mode } }: JudgedEvidence): GateSample {
  const counted = traffic.map(({ gate, requests, errors }) => [gate, { requests, errors }] as const);
  return { at, wave, mode, verdict, reason, counted: Object.fromEntries(counted) };
}
