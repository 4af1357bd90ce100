/** What follows a failure. */
export interface Policy {
  failure: Reaction;
  cancel: Reaction;
  inconclusive: Reaction;
}

type Reaction = 'rollback' | 'hold';
