import { expect, it } from 'vitest';
import { RESERVED_WAVE_NAMES } from '../../src/config/reserved-names.ts';
import { stagesFrom } from '../../src/stages/index.ts';

it('no wave may have the name of a stage', () => {
  expect(RESERVED_WAVE_NAMES).toEqual(expect.arrayContaining(stagesFrom({}, 'precheck').map(({ name }) => name)));
});
