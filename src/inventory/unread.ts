import { hasReason } from '../kubernetes/status-error.ts';
import { UpgradeError } from '../model/upgrade-error.ts';

/** What is missing in an inventory. Only the code of a failure is kept: its message may contain an address. */
export class Unread {
  readonly #list: string[] = [];

  get list(): readonly string[] {
    return this.#list;
  }

  add(what: string): void {
    this.#list.push(what);
  }

  /** `undefined` for what may not be read, is not served, or does not answer; any other failure throws. */
  async unless<T>(what: string, look: Promise<T>): Promise<T | undefined> {
    try {
      return await look;
    } catch (failure) {
      const why = reasonOf(failure);
      if (why === undefined) throw failure;
      this.add(`${what}: ${why}`);
      return undefined;
    }
  }
}

function reasonOf(failure: unknown): string | undefined {
  if (hasReason(failure, 'Forbidden')) return 'may not be listed';
  if (hasReason(failure, 'NotFound')) return 'is not served';
  return failure instanceof UpgradeError && failure.code.startsWith('PROMETHEUS_') ? failure.code : undefined;
}
