import { mean, sampleVariance } from 'simple-statistics';
import type { Blocks } from './bootstrap.ts';
import type { Round } from './task.ts';

/**
 * A shared machine has several speeds, and a process mostly gets one of them: here replays took 290 or 450 ns a request while
 * the calibration loop beside them took 26 or 40 ns a step. How much of that a task feels, as an exponent of what the
 * loop feels, is learnt from its own rounds (0.6 for generating traces, 1.06 for replays, by ten rounds of each). Before any it
 * is taken to be 1, give or take 0.15: with more, half of the runs on a machine that has become slower for good would come to no
 * verdict (decision 0005).
 */
const EXPONENT = 1;
const EXPONENT_SD = 0.15;
/** Noise of a round below this is not believed: a few rounds may agree by chance. */
const LEAST_NOISE = 0.01;

/** Timings of two builds, an entry a round, as if the machine had been as fast all the time as it was at first. */
export interface AtOneSpeed {
  readonly old: Blocks;
  readonly now: Blocks;
  /** At least 1: how far off the correction of their ratio may be. */
  readonly doubt: number;
}

/**
 * Takes out of the rounds of a task what the calibration loop says of the machine's speed. The exponent is a regression within
 * the builds (of the logarithms), so that a difference between them has no part in it.
 */
export function atOneSpeed(before: readonly Round[], after: readonly Round[]): AtOneSpeed {
  if (![before, after].every((rounds) => rounds.length > 0 && rounds.every(isCalibrated))) {
    return { old: before.map(({ ns }) => ns), now: after.map(({ ns }) => ns), doubt: 1 };
  }
  const [old, now] = [before, after].map((rounds) => rounds.map(pointOf));
  const { exponent, sd, trust } = regression([old, now]);
  const start = mean(old.map(({ x }) => x));
  const atStart = (rounds: readonly Round[], points: readonly Point[]): Blocks => {
    const middle = mean(points.map(({ x }) => x));
    return rounds.map(({ ns }, i) => {
      const felt = middle - start + trust * (points[i].x - middle);
      return ns.map((value) => value / Math.exp(exponent * felt));
    });
  };
  const apart = Math.abs(mean(now.map(({ x }) => x)) - start);
  return { old: atStart(before, old), now: atStart(after, now), doubt: Math.exp(2 * sd * apart) };
}

const isCalibrated = ({ ns, calibrationNs }: Round): boolean =>
  ns.length > 0 && calibrationNs.length > 0;

/** A round in logarithms: of the calibration loop's steps, of the task's requests. */
interface Point {
  readonly x: number;
  readonly y: number;
  /** Of the mean x, by what its samples differ. */
  readonly xVariance: number;
}

function pointOf({ ns, calibrationNs }: Round): Point {
  const steps = calibrationNs.map(Math.log);
  return {
    x: mean(steps),
    y: mean(ns.map(Math.log)),
    xVariance: steps.length < 2 ? 0 : sampleVariance(steps) / steps.length,
  };
}

/**
 * What is known of the exponent beforehand and what the rounds say of it, each by its weight; and the share of the loop's
 * differences between rounds that is the machine's and not the loop's own noise, which would flatten the slope.
 */
function regression(builds: readonly (readonly Point[])[]): {
  exponent: number;
  sd: number;
  trust: number;
} {
  const centred = builds.flatMap((points) => {
    const [x, y] = [mean(points.map((p) => p.x)), mean(points.map((p) => p.y))];
    return points.map((p) => ({ x: p.x - x, y: p.y - y, xVariance: p.xVariance }));
  });
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const seen = sum(centred.map(({ x }) => x * x));
  const real = Math.max(0, seen - sum(centred.map(({ xVariance }) => xVariance)));
  const xy = real === 0 ? 0 : sum(centred.map(({ x, y }) => x * y));
  const slope = real === 0 ? 0 : xy / real;
  const rest = sum(centred.map(({ x, y }) => (y - slope * x) ** 2));
  const freedom = Math.max(1, centred.length - builds.length - 1);
  const noise = Math.max(LEAST_NOISE ** 2, rest / freedom);
  const precision = 1 / EXPONENT_SD ** 2 + real / noise;
  return {
    exponent: (EXPONENT / EXPONENT_SD ** 2 + xy / noise) / precision,
    sd: precision ** -0.5,
    trust: seen === 0 ? 0 : real / seen,
  };
}
