/** A command that ended with another code than 0. Uncaught, it ends a script under `set -e`. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;

  constructor(command: string, exitCode: number, stderr: string) {
    super(`${command}: exit code ${exitCode}${stderr === '' ? '' : `: ${stderr.trim()}`}`);
    this.exitCode = exitCode;
  }
}
