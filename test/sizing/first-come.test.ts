import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCell } from '../../src/replay/replay.ts';
import { FirstCome } from '../../src/sizing/first-come.ts';
import { DEL, GET, SET } from '../../src/trace/operations.ts';
import { derive } from '../../src/trace/derive.ts';
import { NO_TTL } from '../../src/trace/ttl.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';
import { CELL } from './points.ts';

const WARMUP = 20_000;

async function traceOf(workload: string): Promise<Trace> {
  return generate(await loadWorkload(workload, { requests: 60_000 }));
}

const changed = (trace: Trace, column: 'ops' | 'ttls' | 'valueBytes', value: number): Trace => {
  const copy = trace[column].slice();
  copy[trace.rows - 1] = value;
  return derive(trace, { [column]: copy });
};

describe('FirstCome', () => {
  for (const { workload, server } of [
    { workload: 'zipf-0.99', server: 'redis-7.2' },
    { workload: 'ycsb-a', server: 'redis-8.6' },
    { workload: 'uniform', server: 'valkey-9.1' },
  ]) {
    it(`counts what a replay of ${workload} under noeviction on ${server} counts`, async () => {
      const trace = await traceOf(workload);
      const firstCome = FirstCome.of(trace, WARMUP)!;
      const cell = { ...CELL, server, policy: 'noeviction', warmupRows: WARMUP };
      const { peakMemoryBytes } = runCell(trace, cell);
      const { emptyMemoryBytes } = runCell(trace, cell);
      for (const share of [0.1, 0.4, 0.8]) {
        const maxmemoryBytes = Math.round(
          emptyMemoryBytes + share * (peakMemoryBytes - emptyMemoryBytes),
        );
        const truth = runCell(trace, { ...cell, maxmemoryBytes });
        const counts = firstCome.counts({ ...cell, maxmemoryBytes });
        const lookups = truth.hits + truth.misses;
        const off = `at ${share}: ${counts.misses} misses, truly ${truth.misses} of ${lookups}`;
        assert.ok(Math.abs(counts.misses - truth.misses) < 0.01 * lookups, off);
        const bytes = truth.lookupBytes - truth.hitBytes;
        assert.ok(Math.abs(counts.missBytes - bytes) < 0.01 * truth.lookupBytes);
        assert.ok(Math.abs(counts.oomErrors - truth.oomErrors) < 0.02 * trace.rows);
        assert.ok(truth.oomErrors > 0 && counts.oomErrors > 0);
      }
      const everything = firstCome.counts({ ...cell, maxmemoryBytes: 2 * peakMemoryBytes });
      assert.equal(everything.misses, runCell(trace, cell).misses);
      assert.equal(everything.oomErrors, 0);
    });
  }

  it('has nothing to say where keys go, change their size or are not stored', async () => {
    const trace = await traceOf('uniform');
    assert.ok(FirstCome.of(trace, WARMUP) !== undefined);
    assert.equal(trace.ops[trace.rows - 1], GET);
    assert.ok(FirstCome.of(changed(trace, 'ops', SET), WARMUP) !== undefined);
    assert.equal(FirstCome.of(changed(trace, 'ops', DEL), WARMUP), undefined);
    assert.notEqual(trace.ttls[0], 60);
    assert.equal(trace.ttls[0], NO_TTL);
    assert.equal(FirstCome.of(changed(trace, 'ttls', 60), WARMUP), undefined);
    assert.equal(FirstCome.of(changed(trace, 'valueBytes', 7), WARMUP), undefined);
  });
});
