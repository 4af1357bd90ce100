import { expect, it } from 'vitest';
import { checkOutsideIstiod } from '../../src/checks/outside-istiod.ts';
import { controlPlane, noMarks, Old, plan } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

it.for([
  { says: ['blocks ISTIOD_OUTSIDE'], when: 'only its injector is here', more: { deployment: undefined } },
  {
    says: ['blocks ISTIOD_OUTSIDE'],
    when: 'its injector and a Service without pods are here',
    more: { deployment: undefined, service: { name: 'istiod', readyEndpoints: 1 } },
  },
  { says: [], when: 'it runs here', more: {} },
  {
    says: [],
    when: 'its removal by this upgrade has begun',
    more: { deployment: undefined },
    marks: { ...noMarks, removalBegan: 1 },
  },
])('the old istiod gives $says when $when', ({ says, more, marks = noMarks }) => {
  const controlPlanes = new Map([[Old, controlPlane(Old, more)]]);
  expect(said(checkOutsideIstiod({ controlPlanes, marks }, plan()))).toEqual(says);
});
