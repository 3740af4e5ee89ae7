import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { plan } from '../../src/replay/plan.ts';
import { Workers } from '../../src/replay/pool.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { runCell } from '../../src/replay/replay.ts';
import { parseMaxmemory } from '../../src/replay/maxmemory.ts';
import { type CurvePoint, estimate, HIT_RATIO, refusesWrites } from '../../src/sizing/point.ts';
import { Simulator } from '../../src/sizing/simulator.ts';
import {
  isSampled,
  KEYS_IN_MEMORY,
  SAMPLED_KEYS,
  SAMPLED_REQUESTS,
  SAMPLES,
  weightFor,
} from '../../src/sizing/weight.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';

function cellsOf(
  trace: Trace,
  server: string,
  policies: readonly string[],
  maxmemory: readonly string[],
): Cell[] {
  return plan([trace], {
    servers: [server],
    allocator: undefined,
    policies,
    maxmemory: maxmemory.map((text) => parseMaxmemory(text, 'maxmemory')),
    seeds: [1],
    settings: DEFAULT_SETTINGS,
    warmupRows: () => trace.rows / 2,
    timelineIntervalMs: () => 0,
  }).map(({ cell }) => cell);
}

const NONE_EXPIRE = { hasTtl: false, allHaveTtl: false, manyExpire: false };
const ALL_EXPIRE = { hasTtl: true, allHaveTtl: true, manyExpire: false };
const workers = new Workers({ jobs: 1 });
after(() => workers.end());

function simulatorOf(trace: Trace, exact = false): Simulator {
  const { signal } = new AbortController();
  return new Simulator(trace, { workers, signal, seed: 1, warmupRows: trace.rows / 2, exact });
}

/** Points of cells that refuse writes, of which all together take one pass over the trace. */
async function countedInOnePass(
  simulator: Simulator,
  cells: readonly Cell[],
): Promise<CurvePoint[]> {
  await simulator.unlimited(cells[0]);
  const before = simulator.rowsReplayed;
  const points = await simulator.run(cells);
  assert.equal(simulator.rowsReplayed, before + simulator.trace.rows);
  return points.map((point) => {
    assert.ok(point !== undefined && refusesWrites(point));
    return point;
  });
}

const ratioOf = ({ hits, misses }: { hits: number; misses: number }): number =>
  hits / (hits + misses);

describe('Simulator', () => {
  for (const { workload, requests, server, policies } of [
    {
      workload: 'zipf-0.99',
      requests: 120_000,
      server: 'redis-8.6',
      policies: ['allkeys-lfu'],
    },
    {
      workload: 'mixed-ttl',
      requests: 100_000,
      server: 'valkey-9.1',
      policies: ['allkeys-lru', 'volatile-ttl'],
    },
  ]) {
    it(`comes to within a point of whole runs of ${workload}`, async () => {
      const trace = generate(await loadWorkload(workload, { requests }));
      const simulator = simulatorOf(trace);
      assert.ok(!simulator.isExact);
      const cells = cellsOf(trace, server, policies, ['20%', '60%']);
      const points = await simulator.run(cells);
      assert.ok(points.some((point) => point!.weight > 1));
      for (const [i, cell] of cells.entries()) {
        const truth = ratioOf(runCell(trace, cell));
        const { mean, halfWidth } = estimate(points[i]!, HIT_RATIO, simulator.facts)!;
        const off = `${cell.policy} at ${cell.maxmemoryBytes}: ${mean} ± ${halfWidth}, truly ${truth}`;
        assert.ok(Math.abs(mean - truth) < 0.01, off);
        assert.ok(halfWidth === undefined || halfWidth < 0.03, off);
      }
    });
  }

  it('counts noeviction at all sizes in one pass', async () => {
    for (const workload of ['uniform', 'session-store']) {
      const trace = generate(await loadWorkload(workload, { requests: 200_000 }));
      const simulator = simulatorOf(trace);
      const cells = cellsOf(trace, 'redis-8.6', ['noeviction'], ['10%', '20%']);
      for (const [i, point] of (await countedInOnePass(simulator, cells)).entries()) {
        const { mean, halfWidth } = estimate(point, HIT_RATIO, simulator.facts)!;
        const truth = ratioOf(runCell(trace, cells[i]));
        assert.ok(Math.abs(mean - truth) < 0.01, `${mean}, truly ${truth}`);
        assert.equal(halfWidth, undefined);
      }
    }
  });

  it('counts volatile policies where nothing is left to evict, all in one pass', async () => {
    const trace = generate(await loadWorkload('mixed-ttl', { requests: 200_000 }));
    const simulator = simulatorOf(trace);
    const policies = ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'];
    const cells = cellsOf(trace, 'redis-7.2', policies, ['5%', '10%']);
    for (const [i, point] of (await countedInOnePass(simulator, cells)).entries()) {
      const { mean } = estimate(point, HIT_RATIO, simulator.facts)!;
      assert.ok(Math.abs(mean - ratioOf(runCell(trace, cells[i]))) < 0.005);
    }
  });

  it('runs whole what refuses writes and evicts, and so without an interval', async () => {
    const trace = generate(await loadWorkload('cache-and-queue', { requests: 60_000 }));
    const simulator = simulatorOf(trace);
    const [cell] = cellsOf(trace, 'redis-7.2', ['volatile-lru'], ['10%']);
    const [point] = await simulator.run([cell]);
    assert.equal(point!.weight, 1);
    assert.ok(refusesWrites(point!));
    const { mean, halfWidth } = estimate(point!, HIT_RATIO, simulator.facts)!;
    assert.equal(mean, 1 - runCell(trace, cell).misses / simulator.facts.lookups);
    assert.equal(halfWidth, undefined);
  });

  it('runs small workloads whole, over seeds', async () => {
    const trace = generate(await loadWorkload('uniform', { requests: 10_000 }));
    const simulator = simulatorOf(trace);
    assert.ok(simulator.isExact);
    const cells = cellsOf(trace, 'redis-7.2', ['allkeys-lru'], ['50%']);
    const [point] = await simulator.run(cells);
    assert.equal(point!.runs[0].misses, runCell(trace, cells[0]).misses);
    assert.equal(point!.runs.length, 3);
  });

  it('replays nothing twice', async () => {
    const trace = generate(await loadWorkload('uniform', { requests: 20_000 }));
    const simulator = simulatorOf(trace);
    const cells = cellsOf(trace, 'redis-7.2', ['allkeys-lru'], ['20%', '50%']);
    const first = await simulator.run(cells);
    const before = simulator.rowsReplayed;
    assert.deepEqual(await simulator.run(cells), first);
    assert.equal(simulator.rowsReplayed, before);
  });

  it('keeps enough keys in a sample, and samples nothing small', () => {
    assert.ok(!isSampled(SAMPLED_KEYS));
    assert.ok(!isSampled(4 * SAMPLED_KEYS - 1));
    for (const keyCount of [4 * SAMPLED_KEYS, 100_000, 1_000_000, 12_345_678]) {
      assert.ok(isSampled(keyCount));
      const weight = weightFor({ keyCount, rows: keyCount }, keyCount, NONE_EXPIRE);
      assert.ok(Number.isInteger(Math.log2(weight)));
      assert.ok(keyCount / weight >= SAMPLED_KEYS && keyCount / weight < 2 * SAMPLED_KEYS);
    }
  });

  it('samples thinner where there are many requests, thicker where few keys fit', () => {
    const many = { keyCount: 100_000, rows: 10_000_000 };
    const weight = weightFor(many, 100_000, NONE_EXPIRE);
    assert.ok(many.rows / weight >= SAMPLED_REQUESTS && many.rows / weight < 2 * SAMPLED_REQUESTS);
    for (const keysInMemory of [2_000, 5_000, 15_000]) {
      const inSample = keysInMemory / weightFor(many, keysInMemory, NONE_EXPIRE);
      assert.ok(inSample >= KEYS_IN_MEMORY && inSample < 2 * KEYS_IN_MEMORY);
    }
    assert.equal(weightFor(many, 1, NONE_EXPIRE), SAMPLES);
    const manyExpire = { ...ALL_EXPIRE, manyExpire: true };
    assert.equal(2 * weightFor(many, 1_000, manyExpire), weightFor(many, 1_000, NONE_EXPIRE));
    const byTtl = { ...ALL_EXPIRE, decides: true };
    assert.equal(2 * weightFor(many, 1_000, byTtl), weightFor(many, 1_000, ALL_EXPIRE));
    const full = weightFor(many, 100_000, NONE_EXPIRE);
    assert.equal(2 * weightFor(many, 100_000, ALL_EXPIRE), full);
    assert.equal(4 * weightFor(many, 100_000, { ...ALL_EXPIRE, allHaveTtl: false }), full);
  });

  it('stops at an interrupt, with nothing unfinished among its points', async () => {
    const trace = generate(await loadWorkload('uniform', { requests: 20_000 }));
    const simulator = new Simulator(trace, {
      workers,
      signal: AbortSignal.abort(),
      seed: 1,
      warmupRows: 0,
      exact: false,
    });
    const cells = cellsOf(trace, 'redis-7.2', ['allkeys-lru'], ['20%']);
    assert.deepEqual(await simulator.run(cells), [undefined]);
  });
});
