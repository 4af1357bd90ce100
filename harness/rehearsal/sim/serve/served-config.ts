/** How often the Prometheus of a mesh with short times has to look; for `SimOptions`. */
export const ScrapeIntervalMs = 1_000;

/**
 * The config of an upgrade of the seed mesh that is over in two minutes of its time.
 * @param istioctl the file of a served simulator
 * @param more further top-level fields, as YAML
 */
export function servedConfig(istioctl: string, more = ''): string {
  return `mesh: { tag: default }
target: { version: 1.31.0, istioctl: "${istioctl}" }
gateways: [istio-ingress/istio-ingressgateway]
waves:
  - { name: canary, namespaces: [bar] }
  - { name: rest, namespaces: "*" }
gate:
  prometheus: kubernetes://monitoring/prometheus:9090
  interval: 2s
  settle: 4s
  bake: 12s
  maxBake: 2m
  watch: 10s
soak: 5s
pace: { rolloutTimeout: 5m }
${more}`;
}
