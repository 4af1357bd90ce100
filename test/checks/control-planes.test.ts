import { describe, expect, it } from 'vitest';
import { checkControlPlanes } from '../../src/checks/control-planes.ts';
import type { AdmissionWebhook, ControlPlane } from '../../src/model/world.ts';
import { controlPlane, injectionWebhooks, Old, plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const tagWebhooks = injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision: Old });

describe('the check of control planes', () => {
  const cases: { says: string[]; when: string; old?: Partial<ControlPlane>; webhooks?: AdmissionWebhook[] }[] = [
    { says: [], when: 'the old istiod is complete' },
    {
      says: ['blocks CONTROL_PLANE_NOT_READY'],
      when: 'it has no ready replica',
      old: { deployment: { name: 'istiod', desired: 2, ready: 0 } },
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
    {
      says: ['blocks WEBHOOK_DEAD'],
      when: 'a webhook calls an istiod without endpoints',
      webhooks: tagWebhooks.map((webhook) => ({
        ...webhook,
        service: { namespace: 'istio-system', name: 'istiod-1-30-4', exists: true, readyEndpoints: 0 },
      })),
    },
  ];

  it.for(cases)('reports $says when $when', ({ says, old = {}, webhooks = tagWebhooks }) => {
    expect(
      said(checkControlPlanes({ controlPlanes: new Map([[Old, controlPlane(Old, old)]]), webhooks }, plan())),
    ).toEqual(says);
  });
});
