import { beforeAll, describe, expect, it } from 'vitest';
import { comparer } from '../../../harness/proof/contract/compare.ts';
import { simMesh } from '../../../harness/proof/contract/istio/sim-mesh.ts';
import { Stories } from '../../../harness/proof/contract/istio/stories.ts';
import { tellStory, titleOf } from '../../../harness/proof/contract/istio/story.ts';
import type { Observation } from '../../../harness/proof/contract/observation.ts';
import { Skips } from '../../../harness/proof/contract/skips.ts';

const compared = comparer('istio');

/** What the lab's istiods and istioctls were seen to do is the measure. */
describe('the simulator, like real Istio', () => {
  for (const story of Stories) {
    describe(story.title, () => {
      let seen: ReadonlyMap<string, Observation>;
      beforeAll(async () => {
        seen = await tellStory(story, simMesh());
      });

      for (const step of Object.keys(story.steps)) {
        const title = titleOf(story, step);
        const reason = Skips[title];
        it.skipIf(reason !== undefined)(`${step}${reason === undefined ? '' : ` (not here: ${reason})`}`, () => {
          expect(compared(title, seen.get(title))).toEqual([]);
        });
      }
    });
  }
});
