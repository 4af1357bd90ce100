import type { TimedEvent } from '../model/events.ts';
import type { AskedQuery, Evidence, JudgedEvidence, JudgedRatio } from '../model/evidence.ts';
import { AskedQueries } from './asked-queries.ts';
import { Thinned } from './thinned.ts';

/** How pods and traffic changed over time, for charts. Times are Unix milliseconds of this machine. */
export interface Samples {
  /** Live mesh pods by revision, at each snapshot that differs from the one before; each is valid until the next. At most 500. */
  pods: readonly { at: number; pods: Readonly<Record<string, number>> }[];
  /** The gates that count requests or connections, and from which side each counts. */
  views: readonly { gate: string; label: string; counts?: 'connections' }[];
  /** What they had counted at each evidence, at most 500 for each wave. */
  gate: readonly GateSample[];
  /** What is usual of each wave, by what is judged; what has no history is not there. Absent in reports of releases that did not record it. */
  usual?: Readonly<Record<string, Readonly<Record<string, NonNullable<JudgedRatio['usual']>>>>>;
  /** What the gate that decided on each wave has asked, as it can be typed into Prometheus. */
  queries?: Readonly<Record<string, readonly AskedQuery[]>>;
}

export interface GateSample {
  at: number;
  wave: string;
  /** `moving`, `bake`: counted since the wave began to restart, since it was ready. `watch`: counted in a sliding window, after its pass. */
  mode: Evidence['mode'];
  verdict: string;
  reason: string;
  /** All requests and failures of every class, by gate. */
  counted: Readonly<Record<string, Counted>>;
  /** The shares of requests that were judged, each by its limit at that moment, by what they are. Absent in reports of earlier releases. */
  judged?: Readonly<Record<string, SampledRatio>>;
}

export type SampledRatio = Omit<JudgedRatio, 'label' | 'usual'>;

interface Counted {
  requests: number;
  errors: number;
}

const pointsMax = 500;

/** Collects samples of any number of snapshots in bounded memory. */
export class SampleWriter {
  readonly #pods = new Thinned<Samples['pods'][number]>(pointsMax);
  readonly #gate = new Map<string, Thinned<GateSample>>();
  readonly #usual = new Map<string, Map<string, NonNullable<JudgedRatio['usual']>>>();
  readonly #queries = new AskedQueries();
  readonly #views = new Map<string, Samples['views'][number]>();

  add({ at, pods, judged }: Extract<TimedEvent, { kind: 'snapshot' }>): void {
    if (pods !== undefined) this.#pods.add({ at, pods });
    for (const each of judged) {
      const { wave, empty } = each.evidence;
      // There is nothing to draw.
      if (empty) continue;
      for (const { gate, label, counts } of each.traffic)
        this.#views.set(gate, { gate, label, ...(counts && { counts }) });
      const points = this.#gate.get(wave) ?? new Thinned<GateSample>(pointsMax);
      this.#gate.set(wave, points);
      points.add(gateSample(at, each));
      this.#queries.add(each);
      const usual = this.#usual.get(wave) ?? new Map<string, NonNullable<JudgedRatio['usual']>>();
      this.#usual.set(wave, usual);
      for (const ratio of each.shown?.ratios ?? []) if (ratio.usual !== undefined) usual.set(ratio.label, ratio.usual);
    }
  }

  write(): Samples {
    return {
      pods: this.#pods.list,
      views: [...this.#views.values()],
      gate: [...this.#gate.values()].flatMap(({ list }) => list),
      usual: Object.fromEntries([...this.#usual].map(([wave, usual]) => [wave, Object.fromEntries(usual)])),
      queries: this.#queries.write(),
    };
  }
}

function gateSample(
  at: number,
  { verdict, reason, traffic, shown, evidence: { wave, mode } }: JudgedEvidence,
): GateSample {
  const counted = traffic.map(({ gate, requests, errors }) => [gate, { requests, errors }] as const);
  const judged = (shown?.ratios ?? []).map(({ label, usual: _usual, ...ratio }) => [label, ratio] as const);
  return {
    at,
    wave,
    mode,
    verdict,
    reason,
    counted: Object.fromEntries(counted),
    judged: Object.fromEntries(judged),
  };
}
