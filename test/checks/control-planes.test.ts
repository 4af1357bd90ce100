import { describe, expect, it } from 'vitest';
import { checkControlPlanes } from '../../src/checks/control-planes.ts';
import type { AdmissionWebhook, ControlPlane, World } from '../../src/model/world.ts';
import { controlPlane, injectionWebhooks, New, noMarks, Old, plan, tagAt } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const tagWebhooks = injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision: Old });

describe('the check of control planes', () => {
  interface Case {
    says: string[];
    when: string;
    old?: Partial<ControlPlane>;
    webhooks?: AdmissionWebhook[];
    tags?: World['tags'];
    marks?: World['marks'];
  }
  const dead = (revision: string) =>
    injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision }).map((webhook) => ({
      ...webhook,
      service: { namespace: 'istio-system', name: `istiod-${revision}`, exists: true, readyEndpoints: 0 },
    }));
  const ignoring = (kind: AdmissionWebhook['kind']) =>
    injectionWebhooks('istio-validator-istio-system', { revision: 'default' }).map((webhook) => ({
      ...webhook,
      kind,
      failurePolicy: 'Ignore',
      service: { namespace: 'istio-system', name: 'istiod', exists: false, readyEndpoints: 0 },
    }));
  const cases: Case[] = [
    { says: [], when: 'the old istiod is complete' },
    {
      says: ['blocks OLD_CONTROL_PLANE_NOT_READY'],
      when: 'it has no ready replica',
      old: { deployment: { name: 'istiod', desired: 2, ready: 0 } },
    },
    {
      says: [],
      when: 'one of its two replicas is ready',
      old: { deployment: { name: 'istiod', desired: 2, ready: 1 } },
    },
    {
      says: ['blocks CONTROL_PLANE_INCOMPLETE'],
      when: 'its injector is gone, which makes istioctl panic',
      old: { injector: undefined },
    },
    {
      says: ['blocks WEBHOOK_DEAD'],
      when: 'a webhook calls a Service that is gone',
      webhooks: tagWebhooks.map((webhook) => ({
        ...webhook,
        service: { namespace: 'istio-system', name: 'istiod-1-29-0', exists: false, readyEndpoints: 0 },
      })),
    },
    { says: ['blocks WEBHOOK_DEAD'], when: 'a webhook calls an istiod without endpoints', webhooks: dead(Old) },
    {
      says: ['warns WEBHOOK_DEAD'],
      when: 'the tag has moved and the new istiod does not answer, about which the stages decide',
      webhooks: dead(New),
      tags: tagAt(New),
    },
    {
      says: ['warns WEBHOOK_DEAD'],
      when: 'the new istiod does not answer, which this tool installed',
      webhooks: dead(New),
      marks: { ...noMarks, installed: { revision: New } },
    },
    {
      says: ['blocks WEBHOOK_DEAD'],
      when: 'the tag has moved and the webhook of another revision is dead as well',
      webhooks: [...dead(New), ...dead('1-29-0')],
      tags: tagAt(New),
    },
    // istio/istio#28880
    {
      says: ['warns WEBHOOK_DEAD'],
      when: 'a validator with failurePolicy Ignore calls a Service that is not there',
      webhooks: ignoring('ValidatingWebhookConfiguration'),
    },
    {
      says: ['blocks WEBHOOK_DEAD'],
      when: 'an injector with failurePolicy Ignore calls one, and its pods would start without a proxy',
      webhooks: ignoring('MutatingWebhookConfiguration'),
    },
  ];

  it.for(cases)(
    'reports $says when $when',
    ({ says, old = {}, webhooks = tagWebhooks, tags = tagAt(Old), marks = noMarks }) => {
      expect(
        said(
          checkControlPlanes(
            { controlPlanes: new Map([[Old, controlPlane(Old, old)]]), webhooks, tags, marks },
            plan(),
          ),
        ),
      ).toEqual(says);
    },
  );
});
