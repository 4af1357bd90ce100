import type { AskedQuery, GateName, JudgedEvidence } from '../model/evidence.ts';

/** A longer query, with the names of hundreds of namespaces, would fill the report. */
const longest = 4_000;
/** Of one wave. */
const queriesMax = 12;

interface OfWave {
  speaker: GateName;
  /** Asked once in a run: what was usual before the wave. */
  past: Map<GateName, readonly AskedQuery[]>;
  now: Partial<Record<GateName, readonly AskedQuery[]>>;
  isFinal: boolean;
}

/** The queries by which each wave was judged: of the look that failed it, else of the newest one. */
export class AskedQueries {
  readonly #waves = new Map<string, OfWave>();

  add({ verdict, shown, evidence: { wave, until, queries = {} } }: JudgedEvidence): void {
    if (shown === undefined) return;
    const known = this.#waves.get(wave);
    const past = known?.past ?? new Map<GateName, readonly AskedQuery[]>();
    const now: OfWave['now'] = {};
    for (const [name, asked] of Object.entries(queries)) {
      const gate = name as GateName;
      const before = asked.filter(({ at, stepMs }) => stepMs !== undefined || at < until);
      if (before.length > 0) past.set(gate, before);
      now[gate] = asked.filter((query) => !before.includes(query));
    }
    if (known?.isFinal === true && verdict !== 'fail') return;
    this.#waves.set(wave, { speaker: shown.speaker, past, now, isFinal: verdict === 'fail' });
  }

  /** By wave. */
  write(): Readonly<Record<string, readonly AskedQuery[]>> {
    const written = [...this.#waves].map(([wave, { speaker, past, now }]) => {
      const asked = [...(now[speaker] ?? []), ...(past.get(speaker) ?? [])];
      return [wave, asked.filter(({ query }) => query.length <= longest).slice(0, queriesMax)] as const;
    });
    return Object.fromEntries(written.filter(([, asked]) => asked.length > 0));
  }
}
