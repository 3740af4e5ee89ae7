import jStat from 'jstat';

/** Up to this many pairs the exact distribution is counted; beyond, its normal approximation is close enough. */
const MAX_EXACT_PAIRS = 2500;

/**
 * Two-sided p-value of the Mann-Whitney U test: how often two samples of one distribution would be at least as far
 * apart in rank as these. Exact without ties; with ties, or for large samples, by the normal approximation with
 * corrections for ties and continuity. Both samples hold at least one value. 1 when all values are equal.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const { u, tieSum } = rankSum(a, b);
  const pairs = a.length * b.length;
  const farther = Math.max(u, pairs - u);
  if (tieSum === 0 && pairs <= MAX_EXACT_PAIRS) {
    return Math.min(1, 2 * exactUpperTail(a.length, b.length, farther));
  }
  const count = a.length + b.length;
  const variance = (pairs / 12) * (count + 1 - tieSum / (count * (count - 1)));
  if (variance === 0) return 1;
  const z = (farther - pairs / 2 - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * (1 - jStat.normal.cdf(z, 0, 1)));
}

/** U of `a` (pairs in which it has the larger value, equal ones half), and Σ(t³ − t) over groups of t equal values. */
function rankSum(a: readonly number[], b: readonly number[]): { u: number; tieSum: number } {
  const all = [
    ...a.map((value) => ({ value, isA: true })),
    ...b.map((value) => ({ value, isA: false })),
  ].sort((x, y) => x.value - y.value);
  let ranks = 0;
  let tieSum = 0;
  for (let i = 0; i < all.length;) {
    let end = i + 1;
    while (end < all.length && all[end].value === all[i].value) end++;
    const ties = end - i;
    tieSum += ties ** 3 - ties;
    // Ranks i + 1 … end, shared by all of them.
    const rank = (i + 1 + end) / 2;
    for (; i < end; i++) if (all[i].isA) ranks += rank;
  }
  return { u: ranks - (a.length * (a.length + 1)) / 2, tieSum };
}

/** P(U ≥ u) for samples of `m` and `n` values without ties, by counting arrangements. */
function exactUpperTail(m: number, n: number, u: number): number {
  // counts[k][s]: ways to choose k of the first values seen whose ranks give U = s, as a share of all arrangements.
  const size = m * n + 1;
  let previous = Array.from({ length: m + 1 }, () => new Float64Array(size));
  // With no value of the second sample there is one arrangement, of U = 0, whatever m.
  for (const row of previous) row[0] = 1;
  for (let j = 1; j <= n; j++) {
    const current = Array.from({ length: m + 1 }, () => new Float64Array(size));
    current[0][0] = 1;
    for (let i = 1; i <= m; i++) {
      // The largest value is one of the first sample (above all j of the second) or one of the second.
      const first = i / (i + j);
      const second = j / (i + j);
      for (let s = 0; s <= i * j; s++) {
        current[i][s] = second * previous[i][s] + (s >= j ? first * current[i - 1][s - j] : 0);
      }
    }
    previous = current;
  }
  let tail = 0;
  for (let s = Math.ceil(u); s < size; s++) tail += previous[m][s];
  return tail;
}
