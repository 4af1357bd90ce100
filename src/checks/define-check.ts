import type { DefinedFamily, DefinedFinding, Finding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { DefinedError } from '../model/upgrade-error.ts';
import type { Aspect, World } from '../model/world.ts';

/** An entry of the catalogue. */
export type Definition = DefinedFinding | DefinedFamily | DefinedError<never[]>;

/** A finding with the code of one of these definitions. */
export type FindingOf<F extends readonly Definition[]> = Finding<F[number]['definition']['code']>;

/** One topic of stage 1, as a pure answer about a snapshot. */
export interface Check<A extends Aspect = Aspect, F extends readonly Definition[] = readonly Definition[]> {
  /** The parts of the world that it reads; stage 1 reads the parts that its checks name, and no others. */
  looksAt: readonly A[];
  /** Everything that it may report; the catalogue is made from these lists. */
  finds: F;
  find(world: Pick<World, A>, plan: Plan): readonly Finding[];
}

/** A function that reads what `looksAt` does not name, or reports what `finds` does not name, does not compile. */
export const defineCheck = <const A extends Aspect, const F extends readonly Definition[]>(check: {
  looksAt: readonly A[];
  finds: F;
  // A property, since TypeScript would let a method ask for more.
  find: (world: Pick<World, NoInfer<A>>, plan: Plan) => readonly FindingOf<NoInfer<F>>[];
}): Check<A, F> => check;
