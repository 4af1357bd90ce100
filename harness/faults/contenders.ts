import type { Contender } from './contender.ts';
import { ours } from './ours.ts';

/** Who can be sent through the faults, by name. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  ours: async () => ours,
};

export async function contenderNamed(name: string): Promise<Contender> {
  const load = contenders[name];
  if (load === undefined)
    throw new Error(`there is no contender ${name}; there are ${Object.keys(contenders).join(', ')}`);
  return await load();
}
