import { LabRefused } from '../lab/lab-errors.ts';

/** Debian's mirror or PyPI does not give what is needed, so nothing can be built here. */
export class PackagesUnreachable extends LabRefused {
  override readonly name = 'PackagesUnreachable';
  constructor(what: string, output: string, options?: ErrorOptions) {
    const reason = output.trim().split('\n').at(-1) ?? 'no reason given';
    super(`Containers cannot be built here: ${what} could not be downloaded (${reason}).`, options);
  }
}
