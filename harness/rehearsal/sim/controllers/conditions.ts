import type { Condition } from '../../../../src/ports/objects.ts';

type Dated = Condition & { lastUpdateTime?: string };

/** Replaces the condition of that type; its transition time moves only with its status. */
export function withCondition(conditions: readonly Dated[] | undefined, next: Dated, now: string): Dated[] {
  const old = conditions?.find(({ type }) => type === next.type);
  if (old && old.status === next.status && old.reason === next.reason && old.message === next.message) {
    return [...(conditions ?? [])];
  }
  const lastTransitionTime = old?.status === next.status ? (old.lastTransitionTime ?? now) : now;
  const others = (conditions ?? []).filter(({ type }) => type !== next.type);
  return [...others, { ...next, lastUpdateTime: now, lastTransitionTime }];
}

export function withoutCondition(conditions: readonly Dated[] | undefined, type: string): Dated[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
