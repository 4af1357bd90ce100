import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { ListenOptions } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface Route {
  /** Checks the body; routes without one take none. */
  body?: z.ZodType;
  /** @returns what is answered as JSON */
  run(body: never): unknown;
}

/** Binds a body's schema to the function that takes it. */
export function route<T extends z.ZodType>(body: T, run: (body: z.output<T>) => unknown): Route {
  return { body, run: run as Route['run'] };
}

/**
 * Serves JSON routes, keyed by `METHOD /path`, on every given place.
 * An unknown route answers 404, a wrong body 400 and says why, a route that throws 500.
 */
export function serveControl(routes: Readonly<Record<string, Route>>, places: readonly ListenOptions[]) {
  return Promise.all(
    places.map(async (place): Promise<Server> => {
      const server = createServer(async (request, response) => {
        const { status, body } = await answer(routes, request);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
      server.listen(place);
      await once(server, 'listening');
      return server;
    }),
  );
}

async function answer(routes: Readonly<Record<string, Route>>, request: IncomingMessage) {
  const found = routes[`${request.method} ${request.url}`];
  if (!found)
    return { status: 404, body: { error: `no ${request.method} ${request.url}`, routes: Object.keys(routes) } };
  try {
    const body = found.body?.parse(JSON.parse(await text(request)));
    return { status: 200, body: (await found.run(body as never)) ?? {} };
  } catch (error) {
    const isTheirs = error instanceof z.ZodError || error instanceof SyntaxError;
    return { status: isTheirs ? 400 : 500, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}
