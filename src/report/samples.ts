import type { Told } from '../model/events.ts';
import type { JudgedEvidence } from '../model/evidence.ts';
import { Thinned } from './thinned.ts';

/** How the mesh and its traffic moved, for pictures. Times are Unix milliseconds of our machine. */
export interface Samples {
  /** Live mesh pods by revision, whenever a look saw a change; each holds until the next. At most 500. */
  pods: readonly { at: number; pods: Readonly<Record<string, number>> }[];
  /** What the gate had counted at each look, at most 500 for each wave. */
  gate: readonly GateSample[];
}

export interface GateSample {
  at: number;
  wave: string;
  /** `bake`: counted since the wave was ready. `watch`: counted in a sliding window, after its pass. */
  mode: 'bake' | 'watch';
  verdict: string;
  reason: string;
  serverSide: Counted;
  clientSide: Counted;
  outbound: Counted;
}

export interface Counted {
  requests: number;
  errors: number;
}

const pointsMax = 500;

/** Gathers samples of any number of looks in bounded space. */
export class SampleWriter {
  readonly #pods = new Thinned<Samples['pods'][number]>(pointsMax);
  readonly #gate = new Map<string, Thinned<GateSample>>();

  add({ at, pods, judged }: Extract<Told, { kind: 'looked' }>): void {
    if (pods !== undefined) this.#pods.add({ at, pods });
    for (const each of judged) {
      const { wave } = each.evidence;
      const points = this.#gate.get(wave) ?? new Thinned<GateSample>(pointsMax);
      this.#gate.set(wave, points);
      points.add(gateSample(at, each));
    }
  }

  write(): Samples {
    return { pods: this.#pods.list, gate: [...this.#gate.values()].flatMap(({ list }) => list) };
  }
}

function gateSample(at: number, { verdict, reason, evidence }: JudgedEvidence): GateSample {
  const { wave, mode, serverSide, clientSide, outbound } = evidence;
  const counted = ({ requests, errors }: Counted): Counted => ({ requests, errors });
  return {
    at,
    wave,
    mode,
    verdict,
    reason,
    serverSide: counted(serverSide),
    clientSide: counted(clientSide),
    outbound: counted(outbound),
  };
}
