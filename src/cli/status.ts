import { statusOf } from '../engine/status.ts';
import { renderStatus } from '../report/render-status.ts';
import { connect } from './connect.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `status`: needs nothing but a kubeconfig. */
export async function statusCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  const { run, close, config } = await connect(options, terminal, () => undefined, 'look');
  try {
    const status = await statusOf(run, config?.mesh.namespace ?? options.istioNamespace ?? 'istio-system');
    if (options.output === 'json') terminal.out(JSON.stringify(status, null, 2));
    else terminal.out(renderStatus(status, run.command).join('\n'));
    return 0;
  } finally {
    await close();
  }
}
