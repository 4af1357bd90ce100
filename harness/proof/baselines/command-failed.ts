/** A command that ended with another code than 0. Uncaught, it is the end of a script under `set -e`. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;
  /** What it had printed before; a `for` list takes it for everything. */
  readonly stdout: string;

  constructor(command: string, exitCode: number, stderr: string, stdout = '') {
    super(`${command}: exit code ${exitCode}${stderr === '' ? '' : `: ${stderr.trim()}`}`);
    this.exitCode = exitCode;
    this.stdout = stdout;
  }
}
