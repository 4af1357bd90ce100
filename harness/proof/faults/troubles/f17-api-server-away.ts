import { among, type Draw, someTime } from './trouble.ts';

/** The API server answers 503 to every request, for minutes: while it is upgraded, or its etcd has no leader. */
export const apiServerAway: Draw = (random) => {
  const minutes = random.pick([1, 2, 3, 5, 8]);
  return {
    kind: 'F17',
    what: `the API server is away for ${minutes} minutes`,
    atMs: someTime(random),
    forMs: minutes * 60_000,
    begin: ({ arena: { sim, referee } }) => {
      // What happens meanwhile cannot be seen.
      referee.conditions.foreignWrites.set('API server', sim.clock.now() + minutes * 60_000);
      const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503 });
      return among(sim.transport.interceptors, () => ({ status: 503, body }));
    },
  };
};
