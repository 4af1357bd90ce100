import { messageOf } from '../../model/upgrade-error.ts';

/** Makes reads that may fail each for itself: a failure is kept in `unknown`, and is never taken for "there is none". */
export function attempting(): {
  unknown: readonly string[];
  attempt: <T>(what: string, read: () => Promise<T>, otherwise: T) => Promise<T>;
} {
  const unknown: string[] = [];
  return {
    unknown,
    attempt: async (what, read, otherwise) => {
      try {
        return await read();
      } catch (failure) {
        unknown.push(`${what}: ${messageOf(failure)}`);
        return otherwise;
      }
    },
  };
}
