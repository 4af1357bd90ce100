import type { Connections, ViewName } from '../../model/evidence.ts';

export const viewNames = ['serverSide', 'clientSide', 'outbound'] as const satisfies readonly ViewName[];

/** How many there were in what a look counts, and in the hours before the wave. */
export interface Amount {
  now: number;
  before: number;
}

export const isAny = ({ now, before }: Amount): boolean => now > 0 || before > 0;

/** Where the connections of a wave are counted: the first view that has any, or ever had. */
export const viewOfConnections = (connections: Connections): ViewName =>
  viewNames.find((view) => isAny(amountIn(view, connections))) ?? 'serverSide';

export const amountOfConnections = (connections: Connections): Amount =>
  amountIn(viewOfConnections(connections), connections);

const amountIn = (view: ViewName, { opened, views }: Connections): Amount => ({
  now: opened[view]?.requests ?? 0,
  before: views[view]?.[0]?.normal.requests ?? 0,
});
