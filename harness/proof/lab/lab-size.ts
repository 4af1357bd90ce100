import { z } from 'zod';

/** How big a mesh a lab is made for, and whether its API server writes down every request. */
export const labSize = z.object({
  nodes: z.int().min(1),
  podsPerNode: z.int().min(1),
  /** How often Prometheus scrapes every proxy. */
  scrapeSeconds: z.int().min(1),
  audit: z.boolean(),
});
export type LabSize = z.infer<typeof labSize>;

export const seedSize: LabSize = { nodes: 3, podsPerNode: 1000, scrapeSeconds: 2, audit: false };
