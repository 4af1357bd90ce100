import { join } from 'node:path';

/** Holds the path of the kubeconfig that is valid outside of the lab's network. */
export const forwardedKubeconfigFile = (stateDir: string): string => join(stateDir, 'forwarded-kubeconfig');
