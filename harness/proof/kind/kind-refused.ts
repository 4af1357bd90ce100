/** Why a rehearsal on kind cannot begin here: what is missing, and what to do. */
export class KindRefused extends Error {
  override readonly name = 'KindRefused';
}
