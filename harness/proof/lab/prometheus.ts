import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ControlPlaneOptions } from './control-plane.ts';
import { PROXY_METRICS_PATH } from './exporter.ts';
import type { LabSize } from './lab-size.ts';
import { ADDRESSES } from './network.ts';
import { waitUntil } from './wait-until.ts';

/** Starts Prometheus on the lab's own discovery; resolves when it answers. */
export async function startPrometheus({ stateDir, binaries, start, size }: ControlPlaneOptions): Promise<void> {
  const config = join(stateDir, 'prometheus.yaml');
  writeFileSync(config, renderPrometheusConfig(size));
  const process = start({
    name: 'prometheus',
    file: join(binaries, 'prometheus', 'prometheus'),
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(stateDir, 'prometheus')}`,
      // On every address of the lab, so that the cluster's Service reaches it too.
      `--web.listen-address=0.0.0.0:${ADDRESSES.prometheus.split(':')[1]}`,
    ],
  });
  const ready = async () => {
    const ending = process.ending();
    if (ending !== undefined) throw new Error(ending);
    try {
      const { ok, body } = await fetch(`http://${ADDRESSES.prometheus}/-/ready`);
      await body?.cancel();
      return ok;
    } catch {
      // It does not listen yet.
      return false;
    }
  };
  await waitUntil('the readiness of prometheus', ready, { deadlineMs: 30_000 });
}

function renderPrometheusConfig({ scrapeSeconds }: LabSize): string {
  const every = `${scrapeSeconds}s`;
  const discovery = (kind: string) => [
    { url: `http://${ADDRESSES.control}/targets/${kind}`, refresh_interval: `${Math.min(scrapeSeconds, 5)}s` },
  ];
  return stringify({
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    scrape_configs: [
      { job_name: 'istiod', honor_labels: true, http_sd_configs: discovery('istiods') },
      {
        job_name: 'envoy-stats',
        metrics_path: PROXY_METRICS_PATH,
        honor_labels: true,
        http_sd_configs: discovery('proxies'),
      },
    ],
  });
}
