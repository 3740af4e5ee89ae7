import { median } from 'simple-statistics';
import { Random } from '../random.ts';
import { bootstrapMedianRatio, type Blocks, type Interval } from './bootstrap.ts';
import { holm } from './holm.ts';
import { mannWhitney } from './mann-whitney.ts';
import type { Metrics, Sample, TaskResult } from './task.ts';

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
  /** Time per request, after / before: above 1 is slower. */
  readonly ratio: number;
  /** 95 % interval of the ratio, widened by what one build's own halves differ. */
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
  const sides = after.map((result, i) => ({
    old: blocksOf(before[i].rounds),
    now: blocksOf(result.rounds),
  }));
  const pValues = holm(
    sides.filter((_, i) => timed[i]).map(({ old, now }) => mannWhitney(old.flat(), now.flat())),
  );
  let next = 0;
  const tests = pValues.length;
  return after.map((result, i) => {
    const { old, now } = sides[i];
    return {
      after: result,
      before: before[i],
      changes: metricChanges(before[i].metrics, result.metrics),
      speed: timed[i]
        ? judge(old, now, pValues[next++], {
            minEffect,
            tests,
            paired: interleaved,
            random: new Random(seed, `bootstrap ${result.task.id}`),
          })
        : undefined,
    };
  });
}

/**
 * Time per request in steps of the calibration loop: what the machine's own mood did to both cancels out.
 */
function blocksOf(rounds: readonly (readonly Sample[])[]): Blocks {
  return rounds.map((samples) => samples.map(({ ns, calibrationNs }) => ns / calibrationNs));
}

interface JudgeOptions {
  readonly minEffect: number;
  /** Tasks tested beside this one. */
  readonly tests: number;
  readonly paired: boolean;
  readonly random: Random;
}

function judge(old: Blocks, now: Blocks, p: number, options: JudgeOptions): SpeedVerdict {
  const { minEffect } = options;
  const ratio = median(now.flat()) / median(old.flat());
  const drawn = bootstrapMedianRatio(old, now, options);
  const drift = Math.max(driftOf(old), driftOf(now));
  const interval = { low: drawn.low / drift, high: drawn.high * drift };
  const beyond = 1 + minEffect;
  // A slowdown is called one when the low end of its interval is beyond; the end lies this much below the ratio.
  const detectable = couldDiffer(old.flat().length, now.flat().length, options.tests)
    ? beyond * Math.max(1, ratio / interval.low) - 1
    : Infinity;
  return { speed: speedOf(), ratio, interval, p, detectable };

  function speedOf(): Speed {
    if (p <= ALPHA && interval.low > beyond) return 'slower';
    if (detectable > BLIND * minEffect) return 'unclear';
    return p <= ALPHA && interval.high < 1 / beyond ? 'faster' : 'same';
  }
}

/** Whether samples so few could differ significantly at all: those without any overlap have the smallest p there is. */
function couldDiffer(old: number, now: number, tests: number): boolean {
  const low = Array.from({ length: old }, (_, i) => i);
  const high = Array.from({ length: now }, (_, i) => old + i);
  return mannWhitney(low, high) * tests <= ALPHA;
}

/** How much one build's first and second half differ, at least 1; 1 when that may be chance. */
function driftOf(blocks: Blocks): number {
  const samples = blocks.flat();
  const middle = Math.floor(samples.length / 2);
  const [first, second] = [samples.slice(0, middle), samples.slice(middle)];
  if (first.length === 0 || mannWhitney(first, second) > DRIFT_ALPHA) return 1;
  const ratio = median(second) / median(first);
  return Math.max(ratio, 1 / ratio);
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
