import { defineError } from '../model/upgrade-error.ts';

export const InventoryUnusable = defineError({
  code: 'INVENTORY_UNUSABLE',
  title: 'The inventory cannot be rehearsed.',
  cause: 'The file was edited, was cut off, or was written by another version of this tool.',
  message: (why: string) => `${why}.`,
  hint: 'Write it again with `istio-canary-upgrade export --out FILE`, and commit it as it is.',
  actor: 'workflow author',
  state: 'No cluster was contacted, and nothing was changed.',
  exit: 'usage',
  blames: 'person',
});
