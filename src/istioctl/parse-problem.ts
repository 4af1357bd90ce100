import * as z from 'zod';
import { messageOf } from '../model/upgrade-error.ts';

/** Why a text could not be parsed, for a person: of a schema by field, of any other parser in its words. */
export const parseProblem = (thrown: unknown): string =>
  thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown);
