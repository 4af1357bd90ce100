/** Where the simulator differs from the real thing on purpose, by the title of the case. Everything else that differs is a bug. */
export const Skips: Readonly<Record<string, string>> = {
  'an unknown field is dropped without strict validation':
    'The simulator has no schemas: what a client sends is kept. The product sends no field that Kubernetes does not know.',
};
