interface StandInCall {
  inputs: Readonly<Record<string, string>>;
  workspace: string;
  /** An annotation of its step. */
  warn: (message: string) => void;
}

/** Stands in for an action of others, which cannot run here; gives its outputs. Throws when the real one would fail. */
export type StandIn = (
  call: StandInCall,
) => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
