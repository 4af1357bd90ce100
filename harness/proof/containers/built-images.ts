import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ImageSource } from '../kind/image-source.ts';
import { DEFAULT_RELEASES } from '../lab/modules.ts';
import { KUBERNETES_VERSION } from './modules.ts';

/** The node image that holds every other image; `kind create cluster --image` takes it. */
export const nodeImageName = `rehearsal/node:${KUBERNETES_VERSION}`;

const MINOR = /^v(\d+\.\d+)/.exec(KUBERNETES_VERSION)?.[1] ?? '';

/** The images that are made here. Their Envoy is the project's own release, without Istio's extensions. */
export const builtImages: ImageSource = {
  minors: [MINOR],
  nodeImage: (minor) => (minor === MINOR ? nodeImageName : undefined),
  releases: DEFAULT_RELEASES,
  areLoaded: true,
  // An istiod that is installed with these asks the proxies for no extension that only Istio's Envoy has.
  settings: [
    'values.pilot.env.PILOT_ENABLE_METADATA_EXCHANGE=false',
    'values.pilot.env.PILOT_ENABLE_ALPN_FILTER=false',
    'values.telemetry.enabled=false',
  ],
  objects: [parse(readFileSync(join(import.meta.dirname, 'request-counters.yaml'), 'utf8')) as object],
  relabeling: [
    '{ source_labels: [__name__], regex: "envoy_(istio_.*)", target_label: __name__ }',
    // Istio's Envoy exports istio_build; the gate takes it as the sign that a proxy is scraped.
    '{ source_labels: [__name__], regex: envoy_server_live, target_label: component, replacement: proxy }',
    '{ source_labels: [__name__], regex: envoy_server_live, target_label: __name__, replacement: istio_build }',
    // A cluster is `outbound|port|subset|host`. As in Istio's filter, the service is known although no endpoint could be chosen.
    '{ source_labels: [upstream_cluster], regex: "outbound[|].*[|]([^.|]+)([^|]*)", target_label: destination_service_name, replacement: "$1" }',
    '{ source_labels: [upstream_cluster], regex: "outbound[|].*[|]([^|]+)", target_label: destination_service, replacement: "$1" }',
    // An upstream endpoint's metadata is `workload;namespace;...`.
    '{ source_labels: [destination_workload], regex: "([^;]+);([^;]*);.*", target_label: destination_service_namespace, replacement: "$2" }',
    '{ source_labels: [destination_workload], regex: "([^;]+);([^;]*);.*", target_label: destination_workload_namespace, replacement: "$2" }',
    '{ source_labels: [destination_workload], regex: "([^;]+);([^;]*);.*", target_label: destination_workload, replacement: "$1" }',
  ],
};
