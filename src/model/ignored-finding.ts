/** A finding of istioctl that a person has looked at: the upgrade goes on with it for a while. */
export interface IgnoredFinding {
  /** `IST0101` */
  code: string;
  /** Which objects it may be about, as findings name them: `VirtualService team-a/*`. Left out: any. */
  object?: string;
  reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`, to its end in UTC. */
  until: string;
}
