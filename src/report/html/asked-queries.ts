import type { AskedQuery } from '../../model/evidence.ts';
import { moment, took } from './format.ts';
import { html, type Markup } from './html.ts';
import { details } from './section.ts';

/** Queries of the gate that decided, each with the time at which it was evaluated, to be typed into Prometheus. */
export function askedQueries(asked: readonly AskedQuery[]): Markup | undefined {
  if (asked.length === 0) return undefined;
  return details(
    'Queries that were asked',
    asked.map(({ query, at, from, stepMs }) => {
      const when =
        from === undefined || stepMs === undefined
          ? `evaluated at ${moment(at)}`
          : `evaluated from ${moment(from)} to ${moment(at)}, every ${took(stepMs)}`;
      return html`<p class="query"><small>${when}</small><code>${query}</code></p>
`;
    }),
  );
}
