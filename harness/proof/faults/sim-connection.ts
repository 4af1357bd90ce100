import type { ProcessResult, ProcessRunner } from '../../../src/istioctl/process-runner.ts';
import type { Transport, TransportRequest, TransportResponse } from '../../../src/kubernetes/transport.ts';
import { jsonResponse } from '../../rehearsal/sim/api-server/response.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Connection } from './contender.ts';
import type { IstioctlFault, RequestFault, Tamper } from './tamper.ts';
import { isWatch, type Writers } from './writers.ts';

/** How long an unanswered request keeps its client waiting. */
const networkTimeoutMs = 30_000;
const reasons: Readonly<Record<number, string>> = {
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};
const killedProcess: ProcessResult = { exitCode: 137, stdout: '', stderr: 'signal: killed', timedOut: false };

interface ConnectionOptions {
  runId: string;
  writers: Writers;
  /** Asked in order; the first that makes something of a request has its way. */
  tampers: readonly Tamper[];
  /** The process behind this connection has died by a fault. */
  onCrash: () => void;
}

/** The way of one attempt to a simulated cluster. Once it is cut, nothing goes out and nothing comes back. */
export class SimConnection implements Connection {
  readonly transport: Transport = { send: async (request) => await this.#send(request) };
  readonly #sim: Sim;
  readonly #options: ConnectionOptions;
  #isCut = false;
  readonly #cutting = new AbortController();

  constructor(sim: Sim, options: ConnectionOptions) {
    this.#sim = sim;
    this.#options = options;
  }

  cut(): void {
    this.#isCut = true;
    this.#cutting.abort(new Error('this process is dead'));
  }

  istioctl(version: string): ProcessRunner {
    const process = this.#sim.istioctlProcess(version);
    return { run: async (args, options) => await this.#call(process, args, options) };
  }

  async #send(request: TransportRequest): Promise<TransportResponse> {
    if (this.#isCut) return await never();
    const response = await this.#through(this.#endedByCut(request));
    if (this.#isCut) return await never();
    return this.#options.tampers.reduce(
      (answer, tamper) => tamper.onResponse?.(request, answer) ?? answer,
      this.#breakable(response),
    );
  }

  async #through(request: TransportRequest): Promise<TransportResponse> {
    const fault = this.#faultOf((tamper) => tamper.onRequest?.(request, this.#options.runId));
    const { clock } = this.#sim;
    if (fault === 'crash-before') return await this.#crash();
    if (fault === 'refused') {
      await clock.sleep(2, request.signal);
      throw networkError('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:6443');
    }
    if (fault === 'timeout-before-commit') return await this.#timeOut(request);
    if (typeof fault === 'object' && 'status' in fault && fault.after === undefined) {
      await clock.sleep(4, request.signal);
      return this.#failure(fault);
    }
    if (typeof fault === 'object' && 'slowMs' in fault) await clock.sleep(fault.slowMs, request.signal);
    const response = await this.#sim.transport.send(this.#options.writers.signed(request, this.#options.runId));
    if (fault === 'crash-after') return await this.#crash();
    if (fault === 'timeout-after-commit') return await this.#timeOut(request);
    return typeof fault === 'object' && 'status' in fault ? this.#failure(fault) : response;
  }

  async #call(process: ProcessRunner, args: readonly string[], options: { timeoutMs: number }): Promise<ProcessResult> {
    if (this.#isCut) return await never();
    const fault = this.#faultOf((tamper) => tamper.onIstioctl?.(args, this.#options.runId));
    const result = await this.#work(process, args, options, fault);
    return this.#isCut ? await never() : result;
  }

  async #work(
    process: ProcessRunner,
    args: readonly string[],
    options: { timeoutMs: number },
    fault: IstioctlFault | undefined,
  ): Promise<ProcessResult> {
    if (fault === 'crash-before') return await this.#crash();
    const isDone = fault?.endsWith('before') !== true;
    if (isDone) this.#options.writers.istioctlBegins(this.#options.runId, args);
    if (fault === 'crash-during') {
      void process.run(args, options);
      return await this.#crash();
    }
    const result = isDone ? await process.run(args, options) : killedProcess;
    if (fault === 'crash-after') return await this.#crash();
    if (fault?.startsWith('hang')) {
      await this.#sim.clock.sleep(options.timeoutMs);
      return { exitCode: 143, stdout: '', stderr: '', timedOut: true };
    }
    return fault === undefined ? result : killedProcess;
  }

  #faultOf<T>(ask: (tamper: Tamper) => T | undefined): T | undefined {
    for (const tamper of this.#options.tampers) {
      const fault = ask(tamper);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  async #crash(): Promise<never> {
    this.cut();
    this.#options.onCrash();
    return await never();
  }

  async #timeOut({ signal }: TransportRequest): Promise<never> {
    await this.#sim.clock.sleep(networkTimeoutMs, signal);
    throw networkError('UND_ERR_HEADERS_TIMEOUT', 'Headers Timeout Error');
  }

  #failure({ status, retryAfterSeconds }: Extract<RequestFault, { status: number }>): TransportResponse {
    const date = new Date(this.#sim.clock.now()).toUTCString();
    const reason = reasons[status] ?? 'InternalError';
    const message = `the fault harness says ${reason}`;
    const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
    return jsonResponse(
      status,
      { 'content-type': 'application/json', date, ...headers },
      JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        reason,
        message,
        code: status,
      }),
    );
  }

  /** The server sees the connection of a dead process end. */
  #endedByCut(request: TransportRequest): TransportRequest {
    if (!isWatch(request)) return request;
    return { ...request, signal: AbortSignal.any([request.signal, this.#cutting.signal]) };
  }

  /** The events of a watch, too, stop at a cut. */
  #breakable(response: TransportResponse): TransportResponse {
    const isCut = () => this.#isCut;
    return {
      ...response,
      async *chunks() {
        try {
          for await (const chunk of response.chunks()) {
            if (isCut()) await never();
            yield chunk;
          }
        } catch (failure) {
          if (isCut()) await never();
          throw failure;
        }
      },
    };
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

const networkError = (code: string, message: string): Error => Object.assign(new Error(message), { code });
