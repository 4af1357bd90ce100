/** The highest probability with which so few of so many are still seen in 5 % of all cases: the exact 95 % upper bound (Clopper-Pearson, one-sided). */
export function atMost(seen: number, of: number): number {
  if (seen >= of) return 1;
  let [low, high] = [seen / of, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (upTo(seen, of, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of at most so many. */
function upTo(seen: number, of: number, probability: number): number {
  let logTerm = of * Math.log1p(-probability);
  let sum = Math.exp(logTerm);
  for (let count = 1; count <= seen; count++) {
    logTerm += Math.log((of - count + 1) / count) + Math.log(probability) - Math.log1p(-probability);
    sum += Math.exp(logTerm);
  }
  return sum;
}
