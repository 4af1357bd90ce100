import { expect, it } from 'vitest';
import { creationsOf, sizeMesh } from '../../../../harness/proof/bench/size/size-mesh.ts';
import { podsOf } from '../../../../harness/proof/bench/size/sized-lab.ts';

it('300 namespaces have 900 workloads and 3,000 pods, besides the gateway and Prometheus', () => {
  const mesh = sizeMesh(300);
  const applications = mesh.filter(({ name }) => name.startsWith('app-'));
  expect(applications).toHaveLength(300);
  expect(applications.flatMap(({ workloads = [] }) => workloads)).toHaveLength(900);
  expect(podsOf(applications)).toBe(3000);
  expect(podsOf(mesh)).toBe(3003);
});

it('the API server is asked for the same objects that the simulator starts with', () => {
  const { namespaces, workloads } = creationsOf(sizeMesh(3));
  expect(namespaces.map(({ path }) => path)).toEqual(Array.from({ length: 5 }, () => '/api/v1/namespaces'));
  expect(workloads.slice(0, 2)).toEqual([
    {
      path: '/apis/apps/v1/namespaces/app-0001/deployments',
      object: expect.objectContaining({ apiVersion: 'apps/v1', kind: 'Deployment' }),
    },
    {
      path: '/api/v1/namespaces/app-0001/services',
      object: expect.objectContaining({ apiVersion: 'v1', kind: 'Service' }),
    },
  ]);
});
