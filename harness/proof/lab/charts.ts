import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of Istio's sources, by the name of the chart. */
const sources = { base: 'base', istiod: 'istio-discovery' } as const;

/**
 * Istio's charts of one release as its release build makes them: with the version, and with the hub and the tag of its images.
 * @param built the folder of a built module of helm, which holds the charts of that release
 * @returns the folder with the charts `base` and `istiod`
 * @see https://github.com/istio/release-builder/blob/master/pkg/build/helm.go
 */
export function prepareCharts(built: string, version: string, folder: string): string {
  const place = join(folder, version);
  for (const [name, source] of Object.entries(sources)) {
    const chart = join(place, name);
    cpSync(join(built, source), chart, { recursive: true });
    edit(join(chart, 'Chart.yaml'), (text) => text.replace(/^(version|appVersion): .*$/gm, `$1: ${version}`));
    edit(join(chart, 'values.yaml'), (text) =>
      text.replace('hub: registry.istio.io/testing', 'hub: docker.io/istio').replace('tag: latest', `tag: ${version}`),
    );
  }
  return place;
}

/** Files of a module are read-only. */
function edit(file: string, change: (text: string) => string): void {
  chmodSync(file, 0o644);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
