import * as z from 'zod';
import type { IstioFinding } from '../model/istio-finding.ts';
import { readJson } from './read-json.ts';

const findings = z
  .array(
    z.object({
      code: z.string(),
      level: z.enum(['Error', 'Warning', 'Info']),
      message: z.string(),
      // A finding about no object in particular has no origin.
      origin: z.string().default(''),
    }),
  )
  .nullable();

/**
 * Findings of `precheck` and `analyze` with `-o json`.
 * @throws SyntaxError, ZodError for anything else
 */
export function parseFindings(stdout: string): IstioFinding[] {
  return findings.parse(readJson(stdout)) ?? [];
}
