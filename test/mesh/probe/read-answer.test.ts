import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/mesh/probe/read-answer.ts';

const injector = 'rev.namespace.sidecar-injector.istio.io';

describe('a refused dry run', () => {
  it.for([
    {
      says: 'passedOver',
      when: 'the quota is full',
      message: 'pods "a" is forbidden: exceeded quota: compute, used: 2',
    },
    {
      says: 'passedOver',
      when: 'the namespace ends',
      message: 'it is being terminated',
      causes: ['NamespaceTerminating'],
    },
    {
      says: 'passedOver',
      when: 'the namespace is gone',
      message: 'namespaces "a" not found',
      reason: 'NotFound',
      code: 404,
    },
    { says: 'admission', when: 'PodSecurity refuses it', message: 'pods "a" is forbidden: violates PodSecurity' },
    { says: 'admission', when: 'a quota asks for limits', message: 'failed quota: compute: must specify limits.cpu' },
    {
      says: 'admission',
      when: 'it is not valid',
      message: 'volumeMounts[0].name: Not found',
      reason: 'Invalid',
      code: 422,
    },
    {
      says: 'admission',
      when: 'another webhook does not answer',
      message: 'failed calling webhook "validate.kyverno.svc-fail": no endpoints available',
      code: 500,
    },
    {
      says: 'injector',
      when: 'an injector does not answer',
      message: `failed calling webhook "${injector}": x`,
      code: 500,
    },
    {
      says: 'injector',
      when: 'a copy of an injector does not answer',
      message:
        'failed calling webhook "x.example": failed to call webhook: Post "https://istiod-1-31-0.istio-system.svc:443/inject?timeout=10s": EOF',
      code: 500,
    },
    { says: 'unknown', when: 'this user may not', message: 'User "a" cannot create resource "pods" in API group ""' },
    { says: 'unknown', when: 'the server is busy', message: 'slow down', reason: 'TooManyRequests', code: 429 },
    {
      says: 'unknown',
      when: 'the server fails',
      message: 'etcdserver: leader changed',
      reason: 'InternalError',
      code: 500,
    },
    {
      says: 'unknown',
      when: 'the name is taken',
      message: 'pods "a" already exists',
      reason: 'AlreadyExists',
      code: 409,
    },
  ])('is $says when $when', ({ says, message, causes = [], reason = 'Forbidden', code = 403 }) => {
    const answer = readAnswer({ code, reason, message, causes });
    expect('refused' in answer ? answer.by : Object.keys(answer)[0]).toBe(says);
    expect(Object.values(answer)).toContain(message);
  });
});
