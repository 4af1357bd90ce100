import type { TransportResponse } from '../../../../src/kubernetes/transport.ts';
import { badRequest } from '../api-server/status-failure.ts';
import type { Sim } from '../create-sim.ts';
import type { Pace } from './pace.ts';

export const istioctlPath = '/istioctl/';

/** A hanging istioctl hangs until its caller's deadline. */
const PatienceMs = 24 * 60 * 60 * 1000;

/**
 * Runs one simulated istioctl for a script that stands in for the process.
 * @param url `/istioctl/VERSION`
 * @param body its standard input and its arguments, each followed by a NUL
 * @returns exit code, stdout and stderr, each followed by a NUL; bash can neither write nor read anything richer by itself
 * @throws StatusFailure BadRequest
 */
export async function answerIstioctl(sim: Sim, pace: Pace, url: string, body: string): Promise<TransportResponse> {
  const version = url.slice(istioctlPath.length);
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw badRequest(`no release of istioctl: ${version}`);
  const [stdin = '', ...args] = body.split('\0').slice(0, -1);
  const { exitCode, stdout, stderr } = await pace.during(() =>
    sim.istioctlProcess(version).run(args, { timeoutMs: PatienceMs, stdin }),
  );
  const answer = Buffer.from([exitCode, stdout, stderr].map((part) => `${part}\0`).join(''));
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(answer.length) },
    text: async () => answer.toString(),
    async *chunks() {
      yield answer;
    },
  };
}
