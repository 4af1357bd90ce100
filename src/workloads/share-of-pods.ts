/** `3`, or a share like `25%` of so many pods. Kubernetes rounds a surge up, and what may be unavailable down. */
export function shareOfPods(value: number | string, pods: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const share = Number.parseFloat(value);
  if (Number.isNaN(share)) return 0;
  return round === 'up' ? Math.ceil((share / 100) * pods) : Math.floor((share / 100) * pods);
}
