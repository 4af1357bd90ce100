import type { Right } from '../../../../src/ports/kubernetes.ts';
import { type Attempt, forbidden } from './status-failure.ts';

/** What the user of the transport may not do. A field left out matches everything. */
export type Denial = Partial<Right>;

/** A stand-in for RBAC: all is allowed but what was denied. Reviews and requests are answered from the same list. */
export class Access {
  readonly user: string;
  /** TimedEvent what every request asks for, whether it is allowed or not; reviews ask for nothing. */
  readonly listeners: ((right: Right) => void)[] = [];
  readonly #denials: Denial[] = [];

  constructor(user: string) {
    this.user = user;
  }

  deny(...denials: readonly Denial[]): void {
    this.#denials.push(...denials);
  }

  allowEverything(): void {
    this.#denials.length = 0;
  }

  isAllowed(right: Right): boolean {
    return !this.#denials.some((denial) =>
      (['verb', 'group', 'resource', 'subresource', 'namespace'] as const).every(
        // A right to everything is none while anything is denied.
        (field) => denial[field] === undefined || right[field] === '*' || denial[field] === (right[field] ?? ''),
      ),
    );
  }

  /** @throws StatusFailure Forbidden */
  expect(attempt: Omit<Attempt, 'user'>): void {
    for (const listener of this.listeners) listener(attempt);
    if (!this.isAllowed(attempt)) throw forbidden({ ...attempt, user: this.user });
  }
}
