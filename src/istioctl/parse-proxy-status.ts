import * as z from 'zod';
import { readJsonDocuments } from './read-json.ts';

/** One istiod's answer. An istiod without proxies leaves `resources` out. */
const answer = z.object({
  typeUrl: z.literal('istio.io/debug/syncz'),
  resources: z.array(z.object({ node: z.object({ id: z.string() }) })).default([]),
});

/**
 * The ids, `pod.namespace`, that the istiods of `proxy-status -o json` have connections from; each once.
 * @throws SyntaxError, ZodError for anything else, also for no answer at all
 */
export function parseProxyStatus(stdout: string): string[] {
  const answers = z.array(answer).min(1).parse(readJsonDocuments(stdout));
  return [...new Set(answers.flatMap(({ resources }) => resources.map(({ node }) => node.id)))];
}
