/** What a peer's queries would count in one scrape interval of 15 s, without any loss or delay. */
export interface Arm {
  requests: ArrayLike<number>;
  errors: ArrayLike<number>;
}

/** Of the time from the wave's last ready pod on, scrape interval by scrape interval. */
export interface PeerTrace {
  /** The wave as its servers counted it. Errors are 5xx alone, as the queries of the peers' documents ask. */
  server: Arm;
  /** The same as its clients counted it. */
  client: Arm;
  /** What the wave is compared with: the rest of the mesh, as its servers counted it. */
  control: Arm;
}

/** @returns after how many scrape intervals it rolls back; `undefined` if it does not */
export type Peer = (trace: PeerTrace) => number | undefined;

export const intervalsPerMinute = 4;

export function sumOver(counts: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += counts[index] ?? 0;
  return sum;
}

/** The share that failed in each interval that had requests. */
export function ratios({ requests, errors }: Arm, from: number, to: number): number[] {
  const found: number[] = [];
  for (let index = from; index < to; index++) {
    const all = requests[index] ?? 0;
    if (all > 0) found.push((errors[index] ?? 0) / all);
  }
  return found;
}
