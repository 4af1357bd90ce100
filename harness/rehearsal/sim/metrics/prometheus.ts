import type { Metrics } from '../../../../src/ports/prometheus.ts';
import { PrometheusUnreachable } from '../../../../src/prometheus/prometheus-errors.ts';
import { readAnswer, readRangeAnswer } from '../../../../src/prometheus/read-answer.ts';
import type { ProxiedRequest, ProxiedResponse } from '../api-server/service-proxy.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { type ApiAnswer, errorAnswer, instantData, matrixData, successAnswer } from './api-answer.ts';
import { rangeParameters, timeParameter } from './api-parameters.ts';
import { labelNames, labelValues, metadata, seriesBetween } from './catalogue.ts';
import { QueryError } from './promql/query-error.ts';
import { instantQuery, rangeQuery } from './promql/run-query.ts';
import { Relabelled, type Relabelling } from './relabelled.ts';
import type { SampleStore } from './sample-store.ts';
import type { Outage, Scrapes } from './scrapes.ts';

export const PrometheusAddress = { namespace: 'monitoring', service: 'prometheus', port: '9090' };

/** What is wrong with it just now. */
export interface PrometheusFaults {
  /** Nothing answers. */
  down: boolean;
  /** Answers, and warns that the data may be wrong. */
  warnings: string[];
  /** Answers every query with nothing. */
  empty: boolean;
  /** Its series do not have the labels that they should have. */
  relabelling: Relabelling | undefined;
}

const AnswerMs = 8;
/** How far back label names, label values and series are listed. */
const CatalogueMs = 60 * 60 * 1000;

/** Prometheus' HTTP API over what would have been scraped. */
export class SimPrometheus {
  readonly scrapes: Scrapes;
  readonly faults: PrometheusFaults = { down: false, warnings: [], empty: false, relabelling: undefined };
  readonly #clock: VirtualClock;

  constructor(scrapes: Scrapes, clock: VirtualClock) {
    this.scrapes = scrapes;
    this.#clock = clock;
  }

  /**
   * Scrapes of a namespace's targets, or of all, fail from now on; returns what ends that.
   * @param how `refused`, as it comes: `up` is 0, and everything else stale. `behind`: no samples arrive, as of a
   *   Prometheus that is paused or remote-writes late; what there is grows old.
   */
  stopScraping(namespace: string | null = null, how: Outage['how'] = 'refused'): () => void {
    const outage: Outage = { since: this.#clock.now(), namespace, how };
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
    if (url.pathname === '/-/healthy') return { status: 200, body: 'Prometheus Server is Healthy.\n' };
    const form = method === 'POST' ? new URLSearchParams(body) : url.searchParams;
    const answer = this.#answer(url.pathname, form);
    return answer ? { ...answer, afterMs: AnswerMs } : { status: 404, body: '404 page not found\n' };
  }

  #answer(path: string, form: URLSearchParams): ApiAnswer | undefined {
    try {
      const valuesOf = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path)?.[1];
      if (valuesOf) return successAnswer(labelValues(this.#series(form), decodeURIComponent(valuesOf)));
      switch (path) {
        case '/api/v1/query':
          return this.#query(form);
        case '/api/v1/query_range':
          return this.#queryRange(form);
        case '/api/v1/labels':
          return successAnswer(labelNames(this.#series(form)));
        case '/api/v1/series':
          if (!form.has('match[]')) throw new QueryError('bad_data', 'no match[] parameter provided');
          return successAnswer(this.#series(form));
        case '/api/v1/metadata':
          return successAnswer(metadata(form.get('metric')));
        case '/api/v1/targets':
          return successAnswer({ activeTargets: this.scrapes.targets(this.#clock.now()), droppedTargets: [] });
        case '/api/v1/status/buildinfo':
          return successAnswer(BuildInfo);
        default:
          return undefined;
      }
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return errorAnswer(error);
    }
  }

  get #store(): SampleStore {
    const { relabelling } = this.faults;
    return relabelling === undefined ? this.scrapes : new Relabelled(this.scrapes, relabelling);
  }

  #query(form: URLSearchParams): ApiAnswer {
    const at = timeParameter(form, 'time', this.#clock.now());
    const { value, warnings, infos } = instantQuery(form.get('query') ?? '', this.#store, at);
    const data = this.faults.empty ? { resultType: 'vector', result: [] } : instantData(value, at);
    return successAnswer(data, { warnings: [...warnings, ...this.faults.warnings], infos });
  }

  #queryRange(form: URLSearchParams): ApiAnswer {
    const range = rangeParameters(form);
    const { value, warnings, infos } = rangeQuery(form.get('query') ?? '', this.#store, range);
    const data = matrixData(this.faults.empty ? [] : value);
    return successAnswer(data, { warnings: [...warnings, ...this.faults.warnings], infos });
  }

  #series(form: URLSearchParams) {
    const now = this.#clock.now();
    // Nothing lies ahead, and listing all of a long history would compute each of its samples.
    const from = Math.max(timeParameter(form, 'start', now - CatalogueMs), now - CatalogueMs);
    return seriesBetween(this.#store, form.getAll('match[]'), from, Math.min(timeParameter(form, 'end', now), now));
  }

  /** The product's port, read by its own parser, without the way through a cluster. */
  metrics(): Metrics {
    const url = 'http://prometheus.simulated';
    const ask = async (path: string, form: Record<string, string>) => {
      await this.#clock.sleep(AnswerMs);
      if (this.faults.down) {
        const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        throw PrometheusUnreachable.because(refused, url, 'connection refused');
      }
      const { status, body } = this.#answer(path, new URLSearchParams(form)) ?? { status: 404, body: '' };
      return { status, headers: {}, body };
    };
    const seconds = (ms: number) => String(ms / 1000);
    return {
      query: async (query, at) => {
        const answer = await ask('/api/v1/query', { query, ...(at === undefined ? {} : { time: seconds(at) }) });
        return readAnswer(answer, query, url);
      },
      range: async (query, { start, end, stepMs }) => {
        const range = { start: seconds(start), end: seconds(end), step: seconds(stepMs) };
        return readRangeAnswer(await ask('/api/v1/query_range', { query, ...range }), query, url);
      },
    };
  }
}

const BuildInfo = {
  version: '3.16.0',
  revision: 'simulated',
  branch: 'simulated',
  buildUser: '',
  buildDate: '',
  goVersion: '',
};
