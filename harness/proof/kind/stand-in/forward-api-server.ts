/**
 * Keeps a port of this machine open to the API server of a lab, as the port that kind publishes; ends with the lab.
 * Started by `clusters.ts` with the lab's state folder.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { readLiving } from '../../lab/lab-record.ts';
import { openReach } from '../../lab/reach.ts';
import { forwardedKubeconfigFile } from './forwarded-kubeconfig.ts';

const stateDir = process.argv[2] ?? '';
const { kubeconfig } = await openReach(stateDir);
const unfinished = `${forwardedKubeconfigFile(stateDir)}.new`;
writeFileSync(unfinished, kubeconfig);
renameSync(unfinished, forwardedKubeconfigFile(stateDir));
setInterval(() => {
  if (readLiving(stateDir) === undefined) process.exit();
}, 500);
