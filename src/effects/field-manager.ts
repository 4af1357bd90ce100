/** By this name the API server's field owners, and through them people and GitOps, know what we wrote. */
export const fieldManager = 'istio-canary-upgrade';
