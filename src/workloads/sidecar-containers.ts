const names: ReadonlySet<string> = new Set(['istio-init', 'istio-validation', 'istio-proxy']);

/** Whether the injector adds this container to a pod. */
export const isSidecarContainer = (name: string): boolean => names.has(name);
