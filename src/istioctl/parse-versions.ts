import * as z from 'zod';
import { readJson } from './read-json.ts';

/** Errors of the cluster leave `meshVersion` out, and istioctl ends with 0. */
const answer = z.object({
  meshVersion: z.array(z.object({ Info: z.object({ version: z.string().min(1) }) })).default([]),
});

/**
 * The versions that the istiods of `version -o json` tell, each once.
 * @throws SyntaxError, ZodError for anything else
 */
export function parseVersions(stdout: string): string[] {
  return [...new Set(answer.parse(readJson(stdout)).meshVersion.map(({ Info }) => Info.version))];
}
