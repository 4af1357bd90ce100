import type { Command } from 'commander';
import { LabRefused } from './lab-errors.ts';

/**
 * Runs the command that the command line names, prints the sentence of what it throws, and ends the process: 130 when the signal was
 * aborted, with its reason; the code of a refusal; 1 for another error.
 */
export async function runProgram(program: Command, signal: AbortSignal): Promise<never> {
  try {
    await program.parseAsync();
  } catch (error) {
    const told: unknown = signal.aborted ? signal.reason : error;
    console.error(told instanceof Error ? told.message : told);
    process.exitCode = signal.aborted ? 130 : error instanceof LabRefused ? error.exitCode : 1;
  }
  // Idle keep-alive connections, as to the supervisor of a lab, would hold the process.
  process.exit();
}
