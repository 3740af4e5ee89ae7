/** The part of jstat used here: it ships no types. */
declare module 'jstat' {
  const jstat: {
    mean(values: readonly number[]): number;
    /** With `sample`, divided by n − 1. */
    stdev(values: readonly number[], sample: boolean): number;
    normal: { cdf(x: number, mean: number, sd: number): number };
    studentt: {
      cdf(t: number, degreesOfFreedom: number): number;
      /** The value a Student t variable stays below with probability `p`. */
      inv(p: number, degreesOfFreedom: number): number;
    };
  };
  export default jstat;
}
