import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type ApiAnswer,
  errorAnswer,
  instantData,
  matrixData,
  successAnswer,
} from '../../../rehearsal/sim/metrics/api-answer.ts';
import { rangeParameters, timeParameter } from '../../../rehearsal/sim/metrics/api-parameters.ts';
import { QueryError } from '../../../rehearsal/sim/metrics/promql/query-error.ts';
import { instantQuery, rangeQuery } from '../../../rehearsal/sim/metrics/promql/run-query.ts';
import type { SampleStore } from '../../../rehearsal/sim/metrics/sample-store.ts';

/** Prometheus' API for queries over HTTP, evaluated by the simulator's engine; counts what is asked. */
export class SyntheticPrometheus {
  readonly #store: SampleStore;
  readonly #server: Server;
  queries = 0;
  bytes = 0;

  constructor(store: SampleStore) {
    this.#store = store;
    this.#server = createServer(async (request, response) => {
      const { status, body } = this.#answer(request.url ?? '', await formOf(request));
      this.queries += 1;
      this.bytes += body.length;
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    // An answer may take minutes here.
    this.#server.requestTimeout = 0;
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(path: string, form: URLSearchParams): ApiAnswer {
    const query = form.get('query') ?? '';
    try {
      if (path === '/api/v1/query_range')
        return successAnswer(matrixData(rangeQuery(query, this.#store, rangeParameters(form)).value));
      const at = timeParameter(form, 'time', 0);
      return successAnswer(instantData(instantQuery(query, this.#store, at).value, at));
    } catch (error) {
      if (error instanceof QueryError) return errorAnswer(error);
      throw error;
    }
  }
}

const formOf = async (request: IncomingMessage) => new URLSearchParams(await text(request));
