import { Agent, request } from 'undici';
import type { ErrorFault, NackFault, SlowFault, TrafficSettings } from './faults.ts';

export interface LabStatus {
  phase: 'starting' | 'ready' | 'stopping';
  /** Processes that ended although they were not stopped. */
  lost: string[];
  istiods: string[];
  proxies: { total: number; connected: number };
  faults: object;
}

/** Changes what the fake data plane does, at once. */
export interface TrafficControl {
  setSlow(fault: SlowFault): Promise<void>;
  setErrors(fault: Partial<ErrorFault> & Pick<ErrorFault, 'errorRatio'>): Promise<void>;
  setNack(fault: NackFault): Promise<void>;
  set(settings: TrafficSettings): Promise<void>;
}

/** Breaks and repairs what runs istiod. */
export interface KubeletControl {
  /** While frozen no pod of istiod starts, stops or changes its readiness. */
  freeze(frozen: boolean): Promise<void>;
  /** @returns the pods whose process got the signal */
  signalIstiod(revision: string, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<string[]>;
}

/** Speaks to a lab's supervisor through its socket in the file system, from any network namespace. */
export class ControlClient {
  readonly #agent: Agent;
  readonly traffic: TrafficControl;
  readonly kubelet: KubeletControl;

  constructor(socketPath: string) {
    this.#agent = new Agent({ connect: { socketPath } });
    this.traffic = {
      setSlow: async (fault) => void (await this.#call('PUT', '/durations', fault)),
      setErrors: async (fault) => void (await this.#call('PUT', '/faults', fault)),
      setNack: async (fault) => void (await this.#call('PUT', '/nack', fault)),
      set: async (settings) => void (await this.#call('PUT', '/traffic', settings)),
    };
    this.kubelet = {
      freeze: async (frozen) => void (await this.#call('PUT', '/kubelet', { frozen })),
      signalIstiod: (revision, signal) => this.#call('PUT', '/istiods', { revision, signal }) as Promise<string[]>,
    };
  }

  /** @throws the network's error when no supervisor listens */
  status(): Promise<LabStatus> {
    return this.#call('GET', '/status') as Promise<LabStatus>;
  }

  async freezeProcess(name: string, frozen: boolean): Promise<void> {
    await this.#call('PUT', '/processes', { name, frozen });
  }

  async stop(): Promise<void> {
    await this.#call('POST', '/stop');
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #call(method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<unknown> {
    const response = await request(`http://lab${path}`, {
      method,
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(10_000),
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.body.json();
    if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
