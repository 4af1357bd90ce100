import * as z from 'zod';
import { readJsonDocuments } from './read-json.ts';

const node = z.object({
  id: z.string(),
  metadata: z.object({ ISTIO_VERSION: z.string().optional() }).optional(),
});

/** One istiod's answer. An istiod without proxies leaves `resources` out. */
const answer = z.object({
  typeUrl: z.literal('istio.io/debug/syncz'),
  resources: z.array(z.object({ node })).default([]),
});

/**
 * The version that istioctl's own xDS client reports when it asks an istiod, and no release has: `adsc.go` of Istio. Its connection, `test-1.default`,
 * stays for half a minute. Istio 1.30 and 1.31 leave it out of this answer, since it sends no PROXY_CONFIG; other releases list it.
 */
const ownVersion = '65536.65536.65536';

/**
 * The ids, `pod.namespace`, that the istiods of `proxy-status -o json` have connections from, each once, but for istioctl's own.
 * @throws SyntaxError, ZodError for anything else, also for no answer at all
 */
export function parseProxyStatus(stdout: string): string[] {
  const answers = z.array(answer).min(1).parse(readJsonDocuments(stdout));
  const nodes = answers.flatMap(({ resources }) => resources.map((resource) => resource.node));
  return [...new Set(nodes.filter(({ metadata }) => metadata?.ISTIO_VERSION !== ownVersion).map(({ id }) => id))];
}
