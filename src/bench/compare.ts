import { median } from 'simple-statistics';
import { Random } from '../random.ts';
import { bootstrapMedianRatio, type Blocks, type Interval } from './bootstrap.ts';
import { atOneSpeed } from './one-speed.ts';
import { holm } from '../metrics/holm.ts';
import { mannWhitney } from '../metrics/mann-whitney.ts';
import type { Metrics, TaskResult } from './task.ts';

const ALPHA = 0.05;
/** A run that could only have seen slowdowns of more than this many minimal effects says nothing. */
const BLIND = 3;
/** Of halves of one build's samples: small, because there are two such tests a task and no correction. */
const DRIFT_ALPHA = 0.01;

/** What became of a task's speed. `unclear`: too noisy to say. */
export type Speed = 'same' | 'slower' | 'faster' | 'unclear';

/** A deterministic metric that is not what it was; undefined where one side has none. */
export interface MetricChange {
  readonly metric: string;
  readonly before: number | string | undefined;
  readonly after: number | string | undefined;
}

export interface SpeedVerdict {
  readonly speed: Speed;
  /** Time per request, after / before, on a machine as fast as before: above 1 is slower. */
  readonly ratio: number;
  /** 95 % interval of the ratio, widened by doubts about the correction for the machine. */
  readonly interval: Interval;
  /** Mann-Whitney, corrected for the number of tasks. */
  readonly p: number;
  /** The smallest slowdown this run could have called one: 0.2 = 20 % more time. */
  readonly detectable: number;
}

export interface TaskComparison {
  readonly after: TaskResult;
  readonly before: TaskResult;
  readonly changes: readonly MetricChange[];
  /** undefined when one side was not timed. */
  readonly speed: SpeedVerdict | undefined;
}

export interface CompareOptions {
  /** Slowdowns up to this are no regression: 0.1 = 10 % more time. */
  readonly minEffect: number;
  /** Both sides were measured in turns, round by round. */
  readonly interleaved: boolean;
  readonly seed: number;
}

/** Compares results of the same tasks in the same order: behaviour exactly, speed by statistics. */
export function compare(
  before: readonly TaskResult[],
  after: readonly TaskResult[],
  { minEffect, interleaved, seed }: CompareOptions,
): TaskComparison[] {
  const timed = after.map((result, i) => result.rounds.length > 0 && before[i].rounds.length > 0);
  const sides = after.map((result, i) => atOneSpeed(before[i].rounds, result.rounds));
  const pValues = holm(
    sides.filter((_, i) => timed[i]).map(({ old, now }) => mannWhitney(old.flat(), now.flat())),
  );
  let next = 0;
  const tests = pValues.length;
  return after.map((result, i) => {
    const { old, now, doubt } = sides[i];
    return {
      after: result,
      before: before[i],
      changes: metricChanges(before[i].metrics, result.metrics),
      speed: timed[i]
        ? judge(old, now, pValues[next++], {
            minEffect,
            tests,
            doubt,
            paired: interleaved,
            random: new Random(seed, `bootstrap ${result.task.id}`),
          })
        : undefined,
    };
  });
}

interface JudgeOptions {
  readonly minEffect: number;
  /** Tasks tested beside this one. */
  readonly tests: number;
  /** At least 1: how far off the correction for the machine's speed may be. */
  readonly doubt: number;
  readonly paired: boolean;
  readonly random: Random;
}

function judge(old: Blocks, now: Blocks, p: number, options: JudgeOptions): SpeedVerdict {
  const { minEffect } = options;
  const ratio = median(now.flat()) / median(old.flat());
  const drawn = bootstrapMedianRatio(old, now, options);
  const interval = { low: drawn.low / options.doubt, high: drawn.high * options.doubt };
  const beyond = 1 + minEffect;
  // A slowdown is called one when the low end of its interval is beyond; the end lies this much below the ratio.
  const detectable = couldDiffer(old.flat().length, now.flat().length, options.tests)
    ? beyond * Math.max(1, ratio / interval.low) - 1
    : Infinity;
  return { speed: speedOf(), ratio, interval, p, detectable };

  function speedOf(): Speed {
    if (drifts(old, options) || drifts(now, options)) return 'unclear';
    if (p <= ALPHA && interval.low > beyond) return 'slower';
    // A ratio beyond the limit that may be chance is no reason to say that nothing is wrong.
    if (detectable > BLIND * minEffect || ratio > beyond) return 'unclear';
    return p <= ALPHA && interval.high < 1 / beyond ? 'faster' : 'same';
  }
}

/**
 * Whether samples so few could differ significantly at all: of all C(old + now, old) orders, the two without any overlap
 * have the smallest p there is.
 */
function couldDiffer(old: number, now: number, tests: number): boolean {
  let orders = 1;
  for (let i = 1; i <= old; i++) orders *= (now + i) / i;
  return (2 / orders) * tests <= ALPHA;
}

/** The self-noise check: whether one build's first and second half would pass for a change of speed. */
function drifts(blocks: Blocks, { minEffect, random }: JudgeOptions): boolean {
  const middle = Math.floor(blocks.length / 2);
  const [first, second] = [blocks.slice(0, middle), blocks.slice(middle)];
  if (first.length === 0 || mannWhitney(first.flat(), second.flat()) > DRIFT_ALPHA) return false;
  const { low, high } = bootstrapMedianRatio(first, second, { random, paired: false });
  return low > 1 + minEffect || high < 1 / (1 + minEffect);
}

function metricChanges(before: Metrics, after: Metrics): MetricChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .map((metric) => ({ metric, before: valueOf(before, metric), after: valueOf(after, metric) }))
    .filter((change) => change.before !== change.after);
}

function valueOf(metrics: Metrics, name: string): number | string | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}
