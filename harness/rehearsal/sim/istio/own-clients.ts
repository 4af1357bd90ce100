import type { IstioctlContext } from './istioctl-command.ts';

/** 44-uninstall-without-y: how istioctl's own xDS client calls itself, and how long it stays connected after a call. */
export const OwnClient = 'test-1.default';
export const OwnVersion = '65536.65536.65536';
const StaysMs = 30_067;

/** One call of proxy-status leaves one behind. */
export function leaveClient({ ghostsUntil, clock }: IstioctlContext, revision: string): void {
  const now = clock.now();
  const still = (ghostsUntil.get(revision) ?? []).filter((until) => until > now);
  ghostsUntil.set(revision, [...still, now + StaysMs]);
}

/** How many of them an istiod of the revision still counts among its proxies. */
export function ownClients({ ghostsUntil, clock, istiods }: IstioctlContext, revision: string): number {
  if (istiods.running(revision).length === 0) return 0;
  return (ghostsUntil.get(revision) ?? []).filter((until) => until > clock.now()).length;
}
