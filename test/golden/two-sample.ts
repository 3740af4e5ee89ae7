import jStat from 'jstat';
import { holm } from '../../src/metrics/holm.ts';
import { mannWhitney } from '../../src/metrics/mann-whitney.ts';
import { spread } from '../../src/metrics/spread.ts';

/** Level of the family of all tests, held by Holm's correction. */
export const ALPHA = 0.01;
/** Two samples have ranks worth comparing from three runs on. */
const FEWEST_RUNS = 3;

/** Runs of one cell on a server and on its model, as one figure each. */
export interface TwoSamples {
  readonly server: readonly number[];
  readonly model: readonly number[];
}

export interface Judged {
  /**
   * `ranks`: Mann-Whitney's test. `prediction`: whether the mean of the server's runs lies where the model's spread lets
   * as many more runs of its own fall (Student's t); for servers run too seldom for ranks to say anything.
   */
  readonly test: 'ranks' | 'prediction';
  /** Corrected for being one of many. */
  readonly p: number;
  readonly isApart: boolean;
  /** The difference of means from which on this test tells the two apart, alone of all; in the figure's unit. */
  readonly visible: number;
}

/** Tests every cell, correcting for all of them. */
export function judge(cells: readonly TwoSamples[]): Judged[] {
  const level = ALPHA / cells.length;
  const tests = cells.map(({ server, model }) =>
    server.length >= FEWEST_RUNS && smallestP(server.length, model.length) <= level
      ? 'ranks'
      : 'prediction',
  );
  const p = cells.map((cell, i) =>
    tests[i] === 'ranks' ? mannWhitney(cell.server, cell.model) : predictionP(cell),
  );
  const corrected = holm(p);
  return cells.map((cell, i) => ({
    test: tests[i],
    p: corrected[i],
    isApart: corrected[i] <= ALPHA,
    visible: tests[i] === 'ranks' ? visibleToRanks(cell, level) : visibleToPrediction(cell, level),
  }));
}

/** Of Mann-Whitney's test, for samples that do not overlap: both orders of all that there are. */
export function smallestP(a: number, b: number): number {
  let orders = 1;
  for (let i = 1; i <= a; i++) orders *= (b + i) / i;
  return Math.min(1, 2 / orders);
}

function standardError({ server, model }: TwoSamples): number {
  return spread(model).sd * Math.sqrt(1 / server.length + 1 / model.length);
}

function predictionP(cell: TwoSamples): number {
  const off = Math.abs(spread(cell.server).mean - spread(cell.model).mean);
  const error = standardError(cell);
  if (off === 0 || error === 0) return off === 0 ? 1 : 0;
  return 2 * (1 - jStat.studentt.cdf(off / error, cell.model.length - 1));
}

function visibleToPrediction(cell: TwoSamples, level: number): number {
  return jStat.studentt.inv(1 - level / 2, cell.model.length - 1) * standardError(cell);
}

/** How far apart samples of these shapes must be, whichever is higher. */
function visibleToRanks({ server, model }: TwoSamples, level: number): number {
  const centred = (values: readonly number[]): number[] => {
    const { mean } = spread(values);
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(server), centred(model)];
  const sees = (shift: number): boolean =>
    [shift, -shift].every(
      (by) =>
        mannWhitney(
          a.map((value) => value + by),
          b,
        ) <= level,
    );
  // Beyond the widest gap between any two values the samples don't overlap.
  let high = Math.max(...a, ...b) - Math.min(...a, ...b) + Number.EPSILON;
  let low = 0;
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (sees(middle)) high = middle;
    else low = middle;
  }
  return high;
}
