import * as z from 'zod';
import { AccessReviews } from '../ports/kinds.ts';
import type { Right } from '../ports/kubernetes.ts';
import type { ApiClient } from './api-client.ts';
import { createPath } from './resource-path.ts';

const Review = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Asks for every right, a few at a time. A review stores nothing, so it may be repeated. */
export async function reviewAccess(client: ApiClient, rights: readonly Right[]): Promise<readonly boolean[]> {
  const answers = new Array<boolean>(rights.length);
  const queue = rights.entries();
  const worker = async () => {
    // All workers share one iterator, so that each right is asked for once.
    for (const [index, right] of queue) answers[index] = await review(client, right);
  };
  await Promise.all(Array.from({ length: client.limits.accessReviewsAtOnce }, worker));
  return answers;
}

async function review(client: ApiClient, { verb, group, resource, subresource, namespace }: Right): Promise<boolean> {
  const { apiVersion, kind } = AccessReviews;
  const body = { apiVersion, kind, spec: { resourceAttributes: { verb, group, resource, subresource, namespace } } };
  const path = createPath(AccessReviews, undefined);
  const answer = await client.call({ verb: 'create', method: 'POST', path, body, repeatable: true }, Review);
  return answer.status.allowed;
}
