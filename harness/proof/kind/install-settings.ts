/** What istioctl is asked for when it installs, here and by the product: small enough for two control planes and twenty proxies on a node with two cores. */
export const installSettings = [
  'values.pilot.resources.requests.cpu=100m',
  'values.pilot.resources.requests.memory=256Mi',
  'values.global.proxy.resources.requests.cpu=10m',
  'values.global.proxy.resources.requests.memory=64Mi',
] as const;
