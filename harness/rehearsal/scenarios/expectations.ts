/** What a rehearsal asserted and saw. */
export interface Expectation {
  claim: string;
  holds: boolean;
  saw: string;
}

/** Collects claims about what happened; the rehearsal fails when one does not hold. */
export class Expectations {
  readonly list: Expectation[] = [];

  expect(claim: string, holds: boolean, saw: unknown = ''): void {
    this.list.push({ claim, holds, saw: typeof saw === 'string' ? saw : JSON.stringify(saw) });
  }

  equal(claim: string, saw: unknown, wanted: unknown): void {
    const [a, b] = [JSON.stringify(saw), JSON.stringify(wanted)];
    this.expect(claim, a === b, a === b ? a : `${a}, wanted ${b}`);
  }

  get failed(): readonly Expectation[] {
    return this.list.filter(({ holds }) => !holds);
  }
}
