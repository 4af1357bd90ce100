import type { Access } from './access.ts';
import { isMap } from './json.ts';
import { badRequest } from './status-failure.ts';

/** Answers a SelfSubjectAccessReview; it changes nothing and is stored nowhere. */
export function reviewAccess(access: Access, body: string): object {
  const review: unknown = JSON.parse(body);
  const spec = isMap(review) && isMap(review['spec']) ? review['spec'] : undefined;
  const asked = spec && isMap(spec['resourceAttributes']) ? spec['resourceAttributes'] : undefined;
  if (!isMap(review) || !asked) throw badRequest('not simulated: a review without resourceAttributes');
  const text = (field: string) => (typeof asked[field] === 'string' ? asked[field] : '');
  const allowed = access.isAllowed({
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
  });
  // What is empty is not repeated.
  const resourceAttributes = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    ...review,
    spec: { ...spec, resourceAttributes },
    status: { allowed, ...(allowed ? {} : { reason: 'no RBAC policy matched' }) },
  };
}
