export const mib = 1024 * 1024;

/** `186 MiB` */
export const mebibytes = (bytes: number, digits = 0): string => `${(bytes / mib).toFixed(digits)} MiB`;

/** `5:07`, `1:47:17` */
export function clockTime(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(rest)}` : `${minutes}:${twoDigits(rest)}`;
}
