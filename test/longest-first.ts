import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Seconds that the long files of the lab take: a fresh clone has no memory of them, and the last to begin would be waited for. */
const seconds: Readonly<Record<string, number>> = {
  'bad-input.lab': 250,
  'cut-short.lab': 200,
  'undisturbed.lab': 180,
  'least-privilege.lab': 150,
  'istio.lab': 100,
  'lifecycle.lab': 75,
};

const secondsOf = ({ moduleId }: TestSpecification): number =>
  Object.entries(seconds).find(([name]) => moduleId.includes(`/${name}.`))?.[1] ?? 0;

/** The longest files begin first, so that two workers end together. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => secondsOf(b) - secondsOf(a));
  }
}
