/** Whether `NAMESPACE/NAME` fits a pattern in which `*` stands for any characters but a slash. */
export const fits = (pattern: string, id: string): boolean => matcher(pattern, '[^/]*').test(id);

/** Whether a whole line fits a pattern in which `*` stands for any characters. */
export const fitsLine = (pattern: string, line: string): boolean => matcher(pattern, '.*').test(line);

/** What the first pattern that fits says. */
export function firstFit<T>(table: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.entries(table).find(([pattern]) => fits(pattern, id))?.[1];
}

function matcher(pattern: string, star: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join(star)}$`);
}
