import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { RunReport } from '../../../../src/report/run-report.ts';
import { overlaid } from '../../../rehearsal/backends/rehearsal-config.ts';
import { configTextOf } from '../../faults/ours.ts';
import type { Task } from '../../faults/task.ts';
import type { Lab } from '../../lab/lab.ts';
import { createServiceAccount, deployedObjects } from '../../lab/service-account.ts';
import { bundle } from '../bundle.ts';
import type { IstioctlCall } from '../counting-connection.ts';
import type { Period } from './audit-log.ts';
import { type CountedWay, openCountedWay } from './counted-way.ts';
import { LoadWatch } from './process-load.ts';

/** What one run of the product cost, seen from outside its process. */
export interface ProductRun {
  verb: string;
  exitCode: number | undefined;
  log: string;
  period: Period;
  /** Of the process itself, without istioctl. */
  peakRss: number;
  cpuSeconds: number;
  bytesSent: number;
  bytesReceived: number;
  istioctl: { bytesReceived: number; cpuSeconds: number; peakRss: number };
}

/** The product as it is shipped, with the rights of deploy/rbac.yaml, outside of the lab's network. */
export class Product {
  /** Of all runs; Unix milliseconds. */
  readonly calls: () => readonly IstioctlCall[];
  readonly #engineWay: CountedWay;
  readonly #istioctlWay: CountedWay;
  readonly #files: { program: string; config: string; report: string };

  private constructor(
    ways: { engine: CountedWay; istioctl: CountedWay },
    files: { program: string; config: string; report: string; calls: string },
  ) {
    this.#engineWay = ways.engine;
    this.#istioctlWay = ways.istioctl;
    this.#files = files;
    this.calls = () => readCalls(files.calls);
  }

  static async prepare(lab: Lab, task: Task): Promise<Product> {
    const inLab = (name: string) => join(lab.stateDir, name);
    const files = {
      program: inLab('product.mjs'),
      config: inLab('istio-upgrade.yaml'),
      report: inLab('report.json'),
      calls: inLab('istioctl-calls.log'),
    };
    await bundle(join(import.meta.dirname, '../../../../src/main.ts'), files.program);
    const account = await createServiceAccount(lab, deployedObjects());
    const engine = await openCountedWay(lab.stateDir, account.kubeconfig);
    const istioctl = await openCountedWay(lab.stateDir, account.kubeconfig);
    const recorder = inLab('istioctl-recorded');
    const program = lab.binaries.istioctl('1.31.0');
    writeFileSync(files.calls, '');
    writeFileSync(recorder, recorderScript({ program, kubeconfig: istioctl.kubeconfig, calls: files.calls }), {
      mode: 0o755,
    });
    const { version } = task.to;
    writeFileSync(files.config, overlaid(configTextOf(task), { target: { version, istioctl: recorder } }));
    return new Product({ engine, istioctl }, files);
  }

  async run(
    verb: string,
    { tell, timeoutMs, signal }: { tell: (text: string) => void; timeoutMs: number; signal?: AbortSignal },
  ): Promise<ProductRun> {
    const { program, config, report } = this.#files;
    const before = this.#bytes();
    const from = Date.now();
    const child = execa(
      process.execPath,
      [program, verb, '--config', config, ...(verb === 'upgrade' ? ['--report', report] : [])],
      {
        extendEnv: false,
        // As action.yml runs it.
        env: {
          PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
          HOME: dirname(program),
          KUBECONFIG: this.#engineWay.kubeconfig,
          MALLOC_ARENA_MAX: '1',
        },
        reject: false,
        all: true,
        buffer: false,
        timeout: timeoutMs,
        ...(signal && { cancelSignal: signal }),
      },
    );
    const watch = new LoadWatch(child.pid ?? 0, 200);
    let log = '';
    for await (const chunk of child.iterable({ from: 'all', binary: true })) {
      const text = Buffer.from(chunk as Uint8Array).toString();
      log += text;
      tell(text);
    }
    const { exitCode } = await child;
    const to = Date.now();
    const loads = watch.end();
    const after = this.#bytes();
    const engine = loads.find(({ program: name }) => name === 'node');
    const istioctl = loads.find(({ program: name }) => name.startsWith('istioctl ('));
    return {
      verb,
      exitCode,
      log,
      period: { from, to },
      peakRss: engine?.peakRss ?? 0,
      cpuSeconds: engine?.cpuSeconds ?? 0,
      bytesSent: after.sent - before.sent,
      bytesReceived: after.received - before.received,
      istioctl: {
        bytesReceived: after.istioctl - before.istioctl,
        cpuSeconds: istioctl?.cpuSeconds ?? 0,
        peakRss: istioctl?.peakRss ?? 0,
      },
    };
  }

  /** Of the last upgrade; a run that refused its input has none. */
  report(): RunReport | undefined {
    const { report } = this.#files;
    return existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as RunReport) : undefined;
  }

  close(): void {
    this.#engineWay.close();
    this.#istioctlWay.close();
  }

  #bytes() {
    return {
      sent: this.#engineWay.sent(),
      received: this.#engineWay.received(),
      istioctl: this.#istioctlWay.received(),
    };
  }
}

/** Stands before istioctl: gives it its own way to the API server, and writes down when each call began and ended. */
const recorderScript = ({
  program,
  kubeconfig,
  calls,
}: {
  program: string;
  kubeconfig: string;
  calls: string;
}): string => `#!/bin/sh
from=$(date +%s%3N)
KUBECONFIG='${kubeconfig}' '${program}' "$@"
code=$?
echo "$from $(date +%s%3N) $*" >> '${calls}'
exit $code
`;

function readCalls(file: string): readonly IstioctlCall[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, from, to, command = ''] = /^(\d+) (\d+) (.*)$/.exec(line) ?? [];
      return from === undefined || to === undefined ? [] : [{ command, from: Number(from), to: Number(to) }];
    });
}
