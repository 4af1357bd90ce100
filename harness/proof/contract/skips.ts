/** Where the simulator differs from the real thing on purpose, by the title of the case. Everything else that differs is a bug. */
export const Skips: Readonly<Record<string, string>> = {
  'an unknown field is dropped without strict validation':
    'The simulator has no schemas: what a client sends is kept. The product sends no field that Kubernetes does not know.',
  'an empty cluster: a cluster that cannot be reached':
    'The simulated istioctl works on its cluster without a connection. The product is handed these outputs by test/istioctl.',
  'an empty cluster: commands that never were': 'The simulator has no help texts, and nothing asks for them.',
  'a webhook that does not answer: the events of the restart':
    'The simulator writes no events. The product reads none: it looks at conditions.',
  'a webhook that does not answer: the Service selects no pod, while the API server has a connection open':
    'The simulator connects for every call, while the real API server goes on over a connection that it has. Then it injects where the simulator already refuses, which is the harder case for the product.',
};
