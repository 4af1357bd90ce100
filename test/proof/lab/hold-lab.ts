/** Starts a lab, says so on standard output, and holds it until it is killed. */
import { startLab } from '../../../harness/proof/lab/lab.ts';

const { stateDir, namespace } = await startLab();
console.log(JSON.stringify({ stateDir, namespace }));
process.stdin.resume();
