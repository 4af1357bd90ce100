import { describe, it } from 'vitest';
import { newcomer, practiceSteps } from './newcomer.ts';
import { walk } from './walk.ts';

describe('the commands of this page, run in order on a stopped upgrade, print what it shows', () => {
  it('docs/when-it-stops.md', { timeout: 240_000 }, async () => {
    await walk(practiceSteps('docs/when-it-stops.md'), await newcomer());
  });
});
