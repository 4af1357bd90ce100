import { join } from 'node:path';

/** Holds the path of the kubeconfig that is valid outside of the lab's network. */
export const doorFile = (stateDir: string): string => join(stateDir, 'door');
