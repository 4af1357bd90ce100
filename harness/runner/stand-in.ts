/** Stands in for an action of others, which cannot run here. Throws when the real one would fail. */
export type StandIn = (call: {
  inputs: Readonly<Record<string, string>>;
  workspace: string;
}) => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
