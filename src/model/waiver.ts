/** A workload that the config leaves alone for a while. */
export interface Waiver {
  /** As findings name it: `StatefulSet baz/db`. */
  workload: string;
  reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`, to its end in UTC. */
  until: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The first moment at which it no longer holds, Unix milliseconds. */
export const endOf = ({ until }: Pick<Waiver, 'until'>): number => Date.parse(`${until}T00:00:00Z`) + dayMs;
