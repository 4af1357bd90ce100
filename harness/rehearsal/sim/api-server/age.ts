const Second = 1_000;
const Minute = 60 * Second;
const Hour = 60 * Minute;
const Day = 24 * Hour;

/** Kubernetes' `duration.HumanDuration`: `5s`, `2m30s`, `15m`, `3h20m`, `2d5h`, `40d`. */
export function age(since: string | undefined, nowMs: number): string {
  if (since === undefined) return '<unknown>';
  const ms = Math.max(0, nowMs - Date.parse(since));
  if (ms < 2 * Minute) return `${Math.floor(ms / Second)}s`;
  if (ms < 10 * Minute) return two(ms, Minute, 'm', Second, 's');
  if (ms < 3 * Hour) return `${Math.floor(ms / Minute)}m`;
  if (ms < 8 * Hour) return two(ms, Hour, 'h', Minute, 'm');
  if (ms < 2 * Day) return `${Math.floor(ms / Hour)}h`;
  if (ms < 8 * Day) return two(ms, Day, 'd', Hour, 'h');
  return `${Math.floor(ms / Day)}d`;
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${largeName}${rest > 0 ? `${rest}${smallName}` : ''}`;
}
