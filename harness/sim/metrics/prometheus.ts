import { PrometheusUnreachable } from '../../../src/errors/prometheus-errors.ts';
import type { Metrics } from '../../../src/prometheus/port.ts';
import { readAnswer } from '../../../src/prometheus/read-answer.ts';
import type { ProxiedRequest, ProxiedResponse } from '../api-server/service-proxy.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { evaluate } from './promql/evaluate.ts';
import { QueryError, type Value } from './promql/value.ts';
import type { Scrapes } from './scrapes.ts';

export const PrometheusAddress = { namespace: 'monitoring', service: 'prometheus', port: '9090' };

/** What is wrong with it just now. */
export interface PrometheusFaults {
  /** Nothing answers. */
  down: boolean;
  /** Answers, and warns that the data may be wrong. */
  warnings: string[];
  /** Answers every query with nothing. */
  empty: boolean;
}

const AnswerMs = 8;

/** Prometheus' HTTP API over what would have been scraped. */
export class SimPrometheus {
  readonly scrapes: Scrapes;
  readonly faults: PrometheusFaults = { down: false, warnings: [], empty: false };
  readonly #clock: VirtualClock;

  constructor(scrapes: Scrapes, clock: VirtualClock) {
    this.scrapes = scrapes;
    this.#clock = clock;
  }

  /** Scrapes of a namespace's targets, or of all, fail from now on; returns what ends that. */
  stopScraping(namespace: string | null = null): () => void {
    const outage: (typeof this.scrapes.outages)[number] = { since: this.#clock.now(), namespace };
    this.scrapes.outages.push(outage);
    return () => {
      outage.until = this.#clock.now();
    };
  }

  /** For the API server's service proxy. */
  handle({ path, body, method }: ProxiedRequest): ProxiedResponse {
    const url = new URL(path, 'http://prometheus');
    if (this.faults.down) return { status: 503, body: 'error trying to reach service: connection refused' };
    if (url.pathname === '/-/ready') return { status: 200, body: 'Prometheus Server is Ready.\n' };
    if (url.pathname !== '/api/v1/query') return { status: 404, body: '404 page not found\n' };
    const form = method === 'POST' ? new URLSearchParams(body) : url.searchParams;
    return { ...this.query(form.get('query') ?? '', form.get('time') ?? undefined), afterMs: AnswerMs };
  }

  /** @param time Unix seconds */
  query(promql: string, time?: string): { status: number; body: string } {
    const at = time === undefined ? this.#clock.now() : Math.round(Number(time) * 1000);
    try {
      const value = evaluate(promql, this.scrapes, at);
      const { warnings, empty } = this.faults;
      const data = empty ? { resultType: 'vector', result: [] } : dataOf(value, at);
      return {
        status: 200,
        body: JSON.stringify({ status: 'success', data, ...(warnings.length > 0 ? { warnings } : {}) }),
      };
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return { status: 400, body: JSON.stringify({ status: 'error', errorType: 'bad_data', error: error.message }) };
    }
  }

  /** The product's port, read by its own parser, without the way through a cluster. */
  metrics(): Metrics {
    const url = 'http://prometheus.simulated';
    return {
      query: async (promql, at) => {
        await this.#clock.sleep(AnswerMs);
        if (this.faults.down) {
          const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
          throw PrometheusUnreachable.because(refused, url, 'connection refused');
        }
        const { status, body } = this.query(promql, at === undefined ? undefined : String(at / 1000));
        return readAnswer({ status, headers: {}, body }, promql, url);
      },
    };
  }
}

function dataOf(value: Value, at: number): object {
  const sample = (number: number) => [at / 1000, formatValue(number)];
  switch (value.type) {
    case 'scalar':
      return { resultType: 'scalar', result: sample(value.value) };
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map(({ labels, value: number }) => ({ metric: labels, value: sample(number) })),
      };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: value.series.map(({ labels, points }) => ({
          metric: labels,
          values: points.map((point) => [point.at / 1000, formatValue(point.value)]),
        })),
      };
  }
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
