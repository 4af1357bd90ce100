/** Both samples ranked together: the U statistic of the first one, and how many values tie at each rank. */
interface Ranking {
  u: number;
  ties: readonly number[];
}

/** U counts the pairs in which the value of the first sample is greater, and half of those in which they are equal. */
export function ranked(first: readonly number[], second: readonly number[]): Ranking {
  const a = Float64Array.from(first).sort();
  const b = Float64Array.from(second).sort();
  const ties: number[] = [];
  let [i, j, rankSum, seen] = [0, 0, 0, 0];
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    const before = i;
    while (i < a.length && a[i] === value) i++;
    const tied = i - before;
    let others = 0;
    while (j < b.length && b[j] === value) {
      j++;
      others++;
    }
    ties.push(tied + others);
    rankSum += tied * (seen + (tied + others + 1) / 2);
    seen += tied + others;
  }
  return { u: rankSum - (a.length * (a.length + 1)) / 2, ties };
}

/** The standard deviation of U when both samples come from the same distribution, corrected for ties. */
export function deviationOfU(n: number, m: number, ties: readonly number[]): number {
  const all = n + m;
  const tied = ties.reduce((sum, tie) => sum + tie ** 3 - tie, 0);
  return Math.sqrt(((n * m) / 12) * (all + 1 - tied / (all * (all - 1))));
}

/**
 * How probable it is that samples of the same distribution have a U of at least this, exactly: over all ways to choose which values are of
 * the first sample. Ties share their mean rank.
 */
export function exactlyGreater(n: number, { u, ties }: Ranking): number {
  // Twice the ranks are whole numbers. ways[k][s]: how many choices of k values have twice the rank sum s.
  const ranksMax = 2 * n * ties.reduce((sum, tie) => sum + tie, 0);
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(ranksMax + 1));
  (ways[0] as Float64Array)[0] = 1;
  let seen = 0;
  for (const tie of ties) {
    const twiceRank = 2 * seen + tie + 1;
    for (let value = 0; value < tie; value++) {
      for (let k = Math.min(n, seen + value + 1); k >= 1; k--) {
        const [from, to] = [ways[k - 1] as Float64Array, ways[k] as Float64Array];
        for (let sum = ranksMax; sum >= twiceRank; sum--) to[sum] = (to[sum] ?? 0) + (from[sum - twiceRank] ?? 0);
      }
    }
    seen += tie;
  }
  const chosen = ways[n] as Float64Array;
  const least = Math.round(2 * u + n * (n + 1));
  let [atLeast, all] = [0, 0];
  for (let sum = 0; sum <= ranksMax; sum++) {
    all += chosen[sum] ?? 0;
    if (sum >= least) atLeast += chosen[sum] ?? 0;
  }
  return atLeast / all;
}

/** The upper tail of the normal distribution; Abramowitz and Stegun 7.1.26, error below 2e-7. */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp(-x * x)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
