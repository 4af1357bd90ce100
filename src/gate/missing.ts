import { percent } from '../model/percent.ts';

/** So little is left: a fail. So little: no pass. Shares of the least in the hours before. */
export const gone = 0.1;
export const less = 0.6;
/** If the rest of the mesh has lost so much too, it is not the release. */
const restLost = 0.5;

/**
 * Whether something is missing elsewhere too, or might be, so that the release is not to blame; and the words for it.
 * @param rest what the rest of the mesh has of its least, from 0 to 1; `undefined` if it has no history
 */
export function missingElsewhere(rest: number | undefined): { isElsewhere: boolean; why: string } {
  if (rest === undefined) return { isElsewhere: true, why: ', and no rest of the mesh to compare it with' };
  if (rest >= restLost) return { isElsewhere: false, why: '' };
  return { isElsewhere: true, why: `, and the rest of the mesh has ${percent(rest)} of its least too` };
}
