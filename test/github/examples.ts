import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type RanWorkflow, runWorkflow } from '../../harness/proof/runner/run-workflow.ts';
import type { StandIn } from '../../harness/proof/runner/stand-in.ts';
import { uploadArtifact } from '../../harness/proof/runner/stand-ins/upload-artifact.ts';
import { type Acting, actionFolder, mesh, speed } from '../action/acting.ts';

const workflows = join(actionFolder, 'examples/workflows');

/** What a workflow checks out is in the workspace already. */
const checkout: StandIn = () => ({});

export interface Dispatch {
  workflow: string;
  inputs?: Readonly<Record<string, unknown>>;
  cancel?: AbortSignal;
  tell?: (line: string) => void;
  github?: Readonly<Record<string, string>>;
  event?: object;
  /** Of the repository. */
  secrets?: Readonly<Record<string, string>>;
}

/** Runs an example as GitHub would, with this checkout as the Action. */
export function runExample(
  { workspace, artifacts, temp, env }: Acting,
  { workflow, ...more }: Dispatch,
): Promise<RanWorkflow> {
  return runWorkflow({
    file: join(workflows, workflow),
    workflows,
    workspace,
    env,
    temp,
    toolCache: join(temp, 'tools'),
    local: { 'OWNER/istio-canary-upgrade': actionFolder },
    standIns: { 'actions/checkout': checkout, 'actions/upload-artifact': uploadArtifact(artifacts), ...clouds },
    signalFactor: 1 / speed,
    ...more,
  });
}

/** Log-ins of clouds, which no test has: a workflow that calls one has a wrong condition. */
const clouds = Object.fromEntries(
  [
    'aws-actions/configure-aws-credentials',
    'google-github-actions/auth',
    'google-github-actions/get-gke-credentials',
    'azure/login',
    'azure/use-kubelogin',
    'azure/aks-set-context',
  ].map((name): [string, StandIn] => [name, () => Promise.reject(new Error(`${name} was called without its cloud`))]),
);

/** A served mesh, with its upgrade to 1.31.0 where the examples look for it. */
export async function meshOf(cluster: string): ReturnType<typeof mesh> {
  const acting = await mesh();
  const config = join(acting.workspace, 'istio', cluster, '1.31.0.yaml');
  mkdirSync(dirname(config), { recursive: true });
  cpSync(join(acting.workspace, 'istio-upgrade.yaml'), config);
  return acting;
}
