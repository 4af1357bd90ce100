import type { IstioVersion } from '../../lab/modules.ts';
import type { ContractBackend } from '../backend.ts';

export type { IstioVersion };

export interface CommandOutput {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** How an istiod is made to behave; `answers` repairs it. */
type IstiodTrouble = 'hangs' | 'refuses connections' | 'answers';

/** A cluster that Istio is installed into, with the istioctl of both releases. */
export interface MeshBackend extends ContractBackend {
  istioctl(version: IstioVersion, args: readonly string[]): Promise<CommandOutput>;
  /** While frozen no pod of istiod starts, stops or changes its readiness. */
  freezeKubelet(frozen: boolean): Promise<void>;
  trouble(revision: string, trouble: IstiodTrouble): Promise<void>;
  /** Resolves when so many proxies are connected to their istiods. */
  untilConnected(proxies: number): Promise<void>;
  /** Does all of it, as much at the same time as the backend bears. */
  sideBySide(work: readonly (() => Promise<void>)[]): Promise<void>;
  /** Takes everything of Istio away. */
  empty(): Promise<void>;
}
