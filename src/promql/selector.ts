/** A vector selector: `selector('up', 'job="a"', settings.match)`. Matchers that are empty are left out. */
export function selector(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${matchers.filter((matcher) => matcher !== '').join(', ')}}`;
}

/**
 * Matchers as they stand between the braces, in the order of their labels.
 * @param labels well-formed text; an empty value matches series without the label
 */
export function equalMatchers(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`) // The escapes of JSON are escapes of PromQL as well.
    .join(', ');
}
