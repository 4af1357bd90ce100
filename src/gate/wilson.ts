/**
 * The two ends of Wilson's score interval: between them lies the true ratio that could well have given these counts.
 * By the plain ratio, two failures in the first two hundred requests would roll an upgrade back.
 * @param certainty how far beyond chance, in standard deviations
 * @see https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
 */
export function plausibleRatios(
  { errors, requests }: { errors: number; requests: number },
  certainty: number,
): { least: number; most: number } {
  if (requests === 0) return { least: 0, most: 1 };
  const p = errors / requests;
  const z2 = certainty ** 2 / requests;
  const spread = certainty * Math.sqrt((p * (1 - p)) / requests + z2 / requests / 4);
  return { least: (p + z2 / 2 - spread) / (1 + z2), most: (p + z2 / 2 + spread) / (1 + z2) };
}
