import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparer } from '../../../harness/proof/contract/compare.ts';
import { labMesh } from '../../../harness/proof/contract/istio/lab-mesh.ts';
import { ShortStories } from '../../../harness/proof/contract/istio/stories.ts';
import { tellStory, titleOf } from '../../../harness/proof/contract/istio/story.ts';
import { type LabBackend, labBackend } from '../../../harness/proof/contract/lab-backend.ts';
import type { Observation } from '../../../harness/proof/contract/observation.ts';

const compared = comparer('istio');

/** The record that the simulator is measured by is still true. */
describe('real istiods and istioctls', () => {
  let backend: LabBackend;
  beforeAll(async () => {
    backend = await labBackend();
  });
  afterAll(() => backend.close());

  for (const story of ShortStories) {
    describe(story.title, () => {
      let seen: ReadonlyMap<string, Observation>;
      beforeAll(async () => {
        seen = await tellStory(story, labMesh(backend));
      });

      for (const step of Object.keys(story.steps)) {
        const title = titleOf(story, step);
        it(step, () => {
          expect(compared(title, seen.get(title))).toEqual([]);
        });
      }
    });
  }
});
