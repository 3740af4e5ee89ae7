import jStat from 'jstat';

/** What several seeds say about one number. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation; 0 for one value. */
  readonly sd: number;
  /** Half the width of the 95 % confidence interval of the mean (Student's t); undefined for one value. */
  readonly halfWidth95: number | undefined;
}

/** Mean, standard deviation and 95 % confidence interval of at least one value. */
export function spread(values: readonly number[]): Spread {
  const count = values.length;
  const mean = jStat.mean(values);
  if (count < 2) return { count, mean, sd: 0, halfWidth95: undefined };
  const sd = jStat.stdev(values, true);
  return {
    count,
    mean,
    sd,
    halfWidth95: (jStat.studentt.inv(0.975, count - 1) * sd) / Math.sqrt(count),
  };
}

/**
 * Whether two series over the same seeds differ by no more than their noise: the 95 % confidence interval of the mean
 * of the paired differences holds 0 (a paired t-test at 5 %). One pair can't tell: undefined, unless they are equal.
 */
export function sameWithinNoise(a: readonly number[], b: readonly number[]): boolean | undefined {
  const differences = spread(a.map((value, i) => value - b[i]));
  if (differences.mean === 0 && differences.sd === 0) return true;
  if (differences.halfWidth95 === undefined) return undefined;
  return Math.abs(differences.mean) <= differences.halfWidth95;
}
