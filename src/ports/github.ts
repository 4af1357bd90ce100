/**
 * What this tool writes on GitHub besides log and summary. Each text contains a marker by which it is found and replaced, so
 * that there is only one of each.
 */
export interface GitHub {
  /**
   * Writes the one comment with this marker on a pull request, or replaces its text.
   * @throws GitHubRefused, or what the connection failed with
   */
  keepComment(pullRequest: number, text: Marked): Promise<Kept>;
  /** Opens the one issue with this marker, or replaces its title and text while it is open. Throws the same. */
  keepIssue(issue: Marked & { title: string }): Promise<Kept>;
  /** Closes that issue with a last comment. Throws the same. */
  closeIssue(issue: Marked): Promise<'closed' | 'none'>;
  /** Begins a deployment, for a commit. Throws the same. */
  createDeployment(deployment: Deployment): Promise<number>;
  /** Sets the state of a deployment. Throws the same. */
  tellDeployment(id: number, status: DeploymentStatus): Promise<void>;
  close(): Promise<void>;
}

interface Deployment {
  commit: string;
  /** The environment under which GitHub lists it; created if it does not exist. */
  environment: string;
  description: string;
}

export interface DeploymentStatus {
  state: 'in_progress' | 'success' | 'failure' | 'error';
  description: string;
  /** The page of the run. */
  logUrl: string;
}

export interface Marked {
  /** An HTML comment, placed before the text. */
  marker: string;
  body: string;
}

export type Kept = 'written' | 'replaced' | 'unchanged';

/** GitHub refused: for example a token without the right, or a repository without issues. */
export class GitHubRefused extends Error {
  override readonly name = 'GitHubRefused';
  readonly status: number;

  constructor(status: number, what: string, message: string) {
    super(`${what}: GitHub answered ${status}${message === '' ? '' : `, ${message}`}`);
    this.status = status;
  }
}
