import type { Observation } from '../observation.ts';
import type { MeshBackend } from './mesh-backend.ts';
import { MeshScene } from './mesh-scene.ts';

/** One cluster from its beginning without Istio; every step is a case that begins where the one before ended. */
export interface Story {
  title: string;
  steps: Readonly<Record<string, (scene: MeshScene) => Promise<Observation>>>;
}

export const titleOf = (story: Story, step: string): string => `${story.title}: ${step}`;

export const titlesOf = (story: Story): string[] => Object.keys(story.steps).map((step) => titleOf(story, step));

/**
 * What every step saw, by the title of the case. A step that cannot be looked at ends its story: the later ones would begin
 * somewhere else.
 */
export async function tellStory(story: Story, mesh: MeshBackend): Promise<ReadonlyMap<string, Observation>> {
  const seen = new Map<string, Observation>();
  await mesh.empty();
  const scene = new MeshScene(mesh);
  try {
    for (const [step, look] of Object.entries(story.steps)) {
      seen.set(titleOf(story, step), await scene.observe(() => look(scene)));
    }
  } catch (failure) {
    const reached = titlesOf(story).find((title) => !seen.has(title)) ?? story.title;
    seen.set(reached, { failed: String(failure) });
  } finally {
    await scene.end();
  }
  return seen;
}
