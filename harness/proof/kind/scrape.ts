/** How often the Prometheus of the manifests scrapes. */
export const SCRAPE_MS = 5_000;
