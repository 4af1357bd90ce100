import type { Finding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { Aspect, World } from '../model/world.ts';

/** One topic of stage 1, as a pure answer about a snapshot. Its codes are what its file defines. */
export interface Check<A extends Aspect = Aspect> {
  /** The parts of the world that it reads; stage 1 reads the parts that its checks name, and no others. */
  looksAt: readonly A[];
  find(world: Pick<World, A>, plan: Plan): readonly Finding[];
}

/** Keeps a check's own aspects in its type. A function that reads what `looksAt` does not name does not compile. */
export const defineCheck = <const A extends Aspect>(check: {
  looksAt: readonly A[];
  // A property, since TypeScript would let a method ask for more.
  find: (world: Pick<World, NoInfer<A>>, plan: Plan) => readonly Finding[];
}): Check<A> => check;
