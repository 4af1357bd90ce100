import type { IstioFinding } from '../../../../src/model/istio-finding.ts';
import type { Registry } from '../api-server/registry.ts';
import type { Random } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import type { Istiods } from './istiods.ts';

/** What one istioctl binary works with. */
export interface IstioctlContext {
  /** The binary's own release. */
  version: string;
  registry: Registry;
  istiods: Istiods;
  clock: VirtualClock;
  random: Random;
  /** What `x precheck` of this release says; tests fill it. */
  precheckFindings: IstioFinding[];
  /** What `analyze` says beyond what is derived from the mesh. */
  analyzeFindings: IstioFinding[];
  /** Until when each of istioctl's own xDS clients stays connected to a revision: 44-uninstall-without-y. */
  ghostsUntil: Map<string, readonly number[]>;
}

export interface Output {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export type Command = (context: IstioctlContext, args: IstioctlArguments) => Promise<Output>;

export const succeeded = (stdout: string, stderr = ''): Output => ({ exitCode: 0, stdout, stderr });

/** Cobra's form: the message on stderr, nothing on stdout. */
export const failed = (message: string, exitCode = 1): Output => ({
  exitCode,
  stdout: '',
  stderr: `Error: ${message}\n`,
});

/** Durations as measured with the real binaries, give or take a quarter. */
export async function takes({ clock, random }: IstioctlContext, ms: number): Promise<void> {
  await clock.sleep(ms * random.between(0.75, 1.25));
}
