import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesWithin, ticksKept, workingSetOf } from '../../src/sizing/working-set.ts';
import { sampleKeys } from '../../src/sizing/sampling.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';

/** Keys of 0 bytes with values of 900, and so of 1,000 bytes in all. */
function traceOf(rows: readonly (readonly [key: number, time: number])[]): Trace {
  const trace = allocateTrace('t', rows.length, 8);
  for (const [i, [key, time]] of rows.entries()) {
    trace.keys[i] = key;
    trace.times[i] = time;
    trace.valueBytes[i] = 900;
  }
  return trace;
}

/** Tick by tick: the bytes of the keys that were asked for within the last `kept` ticks, on average. */
function naive({ rows, keys, times, keyCount }: Trace, kept: number): number {
  const ticks = times[rows - 1] + 1;
  const last = new Float64Array(keyCount).fill(-Infinity);
  let row = 0;
  let sum = 0;
  for (let tick = 0; tick < ticks; tick++) {
    for (; row < rows && times[row] === tick; row++) last[keys[row]] = tick;
    sum += 1000 * last.filter((then) => tick - then < kept).length;
  }
  return sum / ticks;
}

describe('working set', () => {
  it('is the mean of what was asked for within a time', () => {
    const rows = Array.from({ length: 4000 }, (_, i) => [(i * i) % 7, 2 * i] as const);
    const trace = traceOf(rows);
    const set = workingSetOf(trace);
    for (const kept of [1, 2, 3, 5, 8, 11, 16, 40]) {
      const [found, truth] = [bytesWithin(set, kept), naive(trace, kept)];
      // Gaps are told apart by the power of two alone.
      assert.ok(Math.abs(found - truth) < 0.1 * truth, `${kept}: ${found}, truly ${truth}`);
    }
    assert.ok(Math.abs(bytesWithin(set, Infinity) - naive(trace, 1e9)) < 1);
  });

  it('grows with the time, and the time is found again', async () => {
    const set = workingSetOf(generate(await loadWorkload('zipf-0.99', { requests: 20_000 })));
    let before = 0;
    for (let ticks = 1; ticks < set.ticks; ticks *= 1.5) {
      const bytes = bytesWithin(set, ticks);
      assert.ok(bytes > before);
      assert.ok(Math.abs(ticksKept(set, bytes) / ticks - 1) < 1e-6);
      before = bytes;
    }
    assert.equal(ticksKept(set, bytesWithin(set, Infinity)), Infinity);
  });

  it('of a sample is its part of the whole, about', async () => {
    const trace = generate(await loadWorkload('uniform', { requests: 200_000 }));
    const whole = workingSetOf(trace);
    const [{ trace: sample }] = sampleKeys(trace, { weight: 16, count: 4, salt: 1, warmupRows: 0 });
    const own = workingSetOf(sample);
    for (const share of [0.1, 0.5, 0.9]) {
      const kept = ticksKept(whole, share * bytesWithin(whole, Infinity));
      const ratio = (16 * bytesWithin(own, kept)) / bytesWithin(whole, kept);
      assert.ok(Math.abs(ratio - 1) < 0.03, `${share}: ${ratio}`);
    }
  });

  it('of nothing is nothing', () => {
    const set = workingSetOf(traceOf([]));
    assert.equal(bytesWithin(set, 5), 0);
    assert.equal(ticksKept(set, 5), Infinity);
  });
});
