import { describe, it } from 'vitest';
import { newcomer, practiceSteps } from './newcomer.ts';
import { walk } from './walk.ts';

describe('whoever does what is written when an upgrade stops, in order, sees what is shown', () => {
  it('docs/when-it-stops.md', { timeout: 240_000 }, async () => {
    await walk(practiceSteps('docs/when-it-stops.md'), await newcomer());
  });
});
