/** `namespace/name` of an id like `Deployment foo/bar`. */
export const workloadNamed = (id: string): string => id.slice(id.indexOf(' ') + 1);
