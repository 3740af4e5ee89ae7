import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Trace } from '../../src/trace/trace.ts';
import { meanRate, type ArrivalSpec } from '../../src/workload/arrival.ts';
import { generate } from '../../src/workload/generate.ts';
import { workload } from './specs.ts';

const near = (actual: number, expected: number, tolerance: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual}, expected ${expected} ± ${tolerance}`,
  );
};
const traceOf = (arrival: object, requests = 50_000): Trace =>
  generate(workload({ arrival, requests }));
/** Requests in [fromMs, untilMs) of each period. */
const countWithin = (trace: Trace, periodMs: number, fromMs: number, untilMs: number): number =>
  trace.times.filter((time) => {
    const phase = (time * trace.tickMs) % periodMs;
    return phase >= fromMs && phase < untilMs;
  }).length;

describe('arrival', () => {
  it('constant and even: the i-th request at i / rate', () => {
    const { times } = traceOf({ pattern: 'constant', rate: 250 }, 1000);
    times.forEach((time, row) => {
      near(time, row * 4, 1);
    });
  });

  it('poisson: exponential gaps with the mean of the rate', () => {
    const { times, rows } = traceOf({ pattern: 'constant', rate: 2, spacing: 'poisson' });
    const gaps = Array.from(times.slice(1), (time, row) => time - times[row]);
    near(times[rows - 1] / rows, 500, 10);
    // An exponential gap is longer than its mean with probability 1 / e.
    near(gaps.filter((gap) => gap > 500).length / gaps.length, Math.exp(-1), 0.01);
    near(gaps.filter((gap) => gap > 1500).length / gaps.length, Math.exp(-3), 0.005);
  });

  it('facebook-etc: generalized Pareto gaps with the mean of the rate', () => {
    const { times } = traceOf({ pattern: 'constant', rate: 1, spacing: 'facebook-etc' });
    const gaps = Array.from(times.slice(1), (time, row) => time - times[row]);
    const exceeds = (gap: number): number =>
      (1 + (0.154971 * gap) / (1 - 0.154971)) ** (-1 / 0.154971);
    for (const multiple of [0.5, 1, 3]) {
      const longer = gaps.filter((gap) => gap > 1000 * multiple).length / gaps.length;
      near(longer, exceeds(multiple), 0.01);
    }
  });

  it('bursts: both rates hold in their times', () => {
    const arrival = { pattern: 'bursts', rate: 900, quiet_rate: 100, burst: '1s', quiet: '4s' };
    const trace = traceOf(arrival, 1300 * 20);
    near(countWithin(trace, 5000, 0, 1000), 900 * 20, 40);
    near(countWithin(trace, 5000, 1000, 5000), 400 * 20, 40);
  });

  it('passes over any number of periods at once', () => {
    const arrival = {
      pattern: 'bursts',
      rate: 0.002,
      quiet_rate: 0.001,
      burst: '1ms',
      quiet: '1ms',
    };
    const { times, tickMs } = traceOf(arrival, 1000);
    near(times[999] * tickMs, (999 * 1000) / 0.0015, 3000);
  });

  it('diurnal: a sine about the mean rate', () => {
    const arrival = { pattern: 'diurnal', rate: 0.5, amplitude: 0.8, period: '24h' };
    const trace = traceOf(arrival, 0.5 * 86_400);
    const day = 86_400_000;
    // The integral of 1 + 0.8 sin over the rising half is half + 0.8 / pi of the whole.
    near(countWithin(trace, day, 0, day / 2) / trace.rows, 0.5 + 0.8 / Math.PI, 0.001);
    near(countWithin(trace, day, day / 4, day / 2) / trace.rows, 0.25 + 0.8 / (2 * Math.PI), 0.001);
  });

  it('knows the mean rate', () => {
    const bursts: ArrivalSpec = {
      pattern: 'bursts',
      rate: 900,
      quiet_rate: 100,
      burst: 1000,
      quiet: 4000,
      spacing: 'even',
    };
    assert.equal(meanRate(bursts), 260);
  });

  it('counts time in coarser ticks when it would not fit into 32 bits of milliseconds', () => {
    const trace = traceOf({ pattern: 'constant', rate: 0.0001 }, 1000);
    assert.equal(trace.tickMs, 3);
    near(trace.times[999] * trace.tickMs, 999 * 10_000_000, 3);
  });
});
