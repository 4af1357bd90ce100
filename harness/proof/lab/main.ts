/** `npm run lab -- up | status | exec | down` */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { attachLab, type Lab, startLab } from './lab.ts';
import { sweepDeadLabs } from './lab-record.ts';
import { installSeedMesh } from './mesh.ts';
import { labsFolder } from './places.ts';
import { runProgram } from './run-program.ts';

const STATE_DIR = join(labsFolder(process.env), 'default');
const tell = (line: string) => console.error(`[${process.uptime().toFixed(1)} s] ${line}`);

function describe({ kubeconfig, prometheusUrl, binaries, namespace, contents }: Lab): string {
  return [
    `kubeconfig   ${kubeconfig}`,
    `prometheus   ${prometheusUrl}`,
    ...contents.releases.map((version) => `istioctl     ${binaries.istioctl(version)}`),
    `network      ${namespace}`,
    'These addresses are valid inside the lab; run a command there with: npm run lab -- exec -- <command>',
    `kubectl, promtool, ${contents.releases.map((version) => `istioctl-${version}`).join(' and ')} are in its PATH, KUBECONFIG is set.`,
  ].join('\n');
}

const interruption = new AbortController();
const { signal } = interruption;

async function up({ mesh }: { mesh: boolean }): Promise<void> {
  const running = attachLab(STATE_DIR);
  if (running) {
    console.log(`The lab is up already.\n${describe(running)}`);
    return;
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interruption.abort(new Error('Interrupted; nothing is left of the lab.')));
  const lab = await startLab({ stateDir: STATE_DIR, detached: true, tell, signal });
  try {
    if (mesh) await installSeedMesh(lab, { signal, tell });
  } catch (error) {
    await lab.stop();
    throw error;
  }
  console.log(describe(lab));
}

async function status(): Promise<void> {
  const lab = attachLab(STATE_DIR);
  if (!lab) {
    console.log('No lab is up.');
    process.exitCode = 1;
    return;
  }
  console.log(JSON.stringify(await lab.status(), null, 2));
}

async function down(): Promise<void> {
  const lab = attachLab(STATE_DIR);
  await lab?.stop();
  const swept = sweepDeadLabs(labsFolder(process.env));
  const isLeft = existsSync(STATE_DIR);
  if (isLeft) throw new Error(`${STATE_DIR} is still there`);
  console.log(lab ? 'The lab is down.' : 'No lab was up.');
  if (swept.length > 0) console.log(`Removed the state of dead labs: ${swept.join(', ')}`);
}

async function exec([command = '', ...args]: string[]): Promise<void> {
  const lab = attachLab(STATE_DIR);
  if (!lab) throw new Error('No lab is up: npm run lab -- up');
  const { exitCode, signal } = await lab.exec(command, args, { stdio: 'inherit', reject: false });
  process.exitCode = exitCode ?? (signal ? 1 : 0);
}

const program = new Command('lab').description('A real Kubernetes and real Istio control planes as plain processes.');
program
  .command('up')
  .description('build what is missing, start, install the seed mesh; it keeps running')
  .option('--no-mesh', 'without Istio and workloads')
  .action(up);
program.command('status').description('what runs, as JSON').action(status);
program.command('exec').description('run a command inside the lab').argument('<command...>').action(exec);
program.command('down').description('end it and leave nothing').action(down);

await runProgram(program, signal);
