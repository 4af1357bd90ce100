import type { ContractBackend } from './backend.ts';
import type { ContractCase } from './contract-case.ts';
import { Stories } from './istio/stories.ts';
import { type Story, tellStory, titlesOf } from './istio/story.ts';
import type { Observation } from './observation.ts';
import type { Suite } from './recorded.ts';
import { ContractCases, observe } from './run-contract.ts';

/** Cases side by side on the lab; each has a namespace of its own. */
const LabWorkers = 4;

export type Chosen = (title: string) => boolean;
type Seen = Map<string, Observation>;

export interface RunnableSuite {
  titles: readonly string[];
  onSim(isChosen: Chosen): Promise<Seen>;
  onLab(isChosen: Chosen, tell: (line: string) => void): Promise<Seen>;
}

// The lab is loaded only when it is needed: it is for Linux alone.
export const Suites: Readonly<Record<Suite, RunnableSuite>> = {
  api: {
    titles: ContractCases.map(({ title }) => title),
    async onSim(isChosen) {
      const { simBackend } = await import('./sim-backend.ts');
      const seen: Seen = new Map();
      for (const one of ContractCases.filter(({ title }) => isChosen(title)))
        seen.set(one.title, await outcomeOf(simBackend(), one));
      return seen;
    },
    async onLab(isChosen, tell) {
      const { labBackend } = await import('./lab-backend.ts');
      const backend = await labBackend({ tell });
      const seen: Seen = new Map();
      try {
        const waiting = ContractCases.filter(({ title }) => isChosen(title));
        const work = async () => {
          for (let one = waiting.shift(); one; one = waiting.shift())
            seen.set(one.title, await outcomeOf(backend, one));
        };
        await Promise.all(Array.from({ length: LabWorkers }, work));
      } finally {
        await backend.close();
      }
      return seen;
    },
  },
  istio: {
    titles: Stories.flatMap(titlesOf),
    async onSim(isChosen) {
      const { simMesh } = await import('./istio/sim-mesh.ts');
      const seen: Seen = new Map();
      for (const story of storiesWith(isChosen)) add(seen, await tellStory(story, simMesh()));
      return seen;
    },
    async onLab(isChosen, tell) {
      const { labBackend } = await import('./lab-backend.ts');
      const { labMesh } = await import('./istio/lab-mesh.ts');
      const backend = await labBackend({ tell });
      const seen: Seen = new Map();
      try {
        for (const story of storiesWith(isChosen)) {
          const began = performance.now();
          add(seen, await tellStory(story, labMesh(backend)));
          tell(`${story.title}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
        }
      } finally {
        await backend.close();
      }
      return seen;
    },
  },
};

/** A story is told as a whole: each of its steps begins where the one before ended. */
const storiesWith = (isChosen: Chosen): Story[] => Stories.filter((story) => titlesOf(story).some(isChosen));

function add(seen: Seen, more: ReadonlyMap<string, Observation>): void {
  for (const [title, observation] of more) seen.set(title, observation);
}

/** A case that cannot be looked at is a difference like any other. */
async function outcomeOf(backend: ContractBackend, one: ContractCase): Promise<Observation> {
  try {
    return await observe(backend, one);
  } catch (failure) {
    return { failed: String(failure) };
  }
}
