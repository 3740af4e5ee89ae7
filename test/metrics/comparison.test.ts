import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRuns, type Replayed } from '../../src/metrics/comparison.ts';

const run = (hits: number, oomErrors = 0): Replayed => ({
  hits,
  misses: 10_000 - hits,
  evictedKeys: 1000,
  expiredKeys: 0,
  oomErrors,
  keys: 500,
  usedMemoryBytes: 1_000_000,
});
const figure = (name: string, server: readonly Replayed[], engine: readonly Replayed[]) =>
  compareRuns(server, engine).find((one) => one.name === name)!;

describe('the comparison of runs', () => {
  const engine = [4950, 4975, 5000, 5025, 5050].map((hits) => run(hits));

  it('grants a server whose few runs happen to agree the spread of the engine', () => {
    const alike = [run(5040), run(5041)];
    assert.ok(figure('hit_ratio', alike, engine).isWithin);
    const [once] = alike;
    assert.ok(figure('hit_ratio', [once], engine).tolerance > 0.0015);
  });

  it('sees a difference that no spread explains', () => {
    assert.ok(!figure('hit_ratio', [run(5200), run(5210)], engine).isWithin);
    assert.ok(!figure('hit_ratio', [run(5016)], [run(5000)]).isWithin);
    assert.ok(figure('hit_ratio', [run(5014)], [run(5000)]).isWithin);
  });

  it('takes a handful of refused writes for chance, and more for what they are', () => {
    assert.ok(figure('oom_errors', [run(5000, 3)], [run(5000)]).isWithin);
    assert.ok(!figure('oom_errors', [run(5000, 4)], [run(5000)]).isWithin);
  });
});
