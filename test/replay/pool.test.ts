import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlannedCell } from '../../src/replay/plan.ts';
import { runApart, runCells } from '../../src/replay/pool.ts';
import { allocateTrace } from '../../src/trace/trace.ts';
import { someCell, someResult } from '../result.ts';

const trace = allocateTrace('w', 1, 1);
const worker = new URL('dying-worker.js', import.meta.url);
const cells = (...seeds: number[]): PlannedCell[] =>
  seeds.map((seed) => ({ trace, cell: someCell({ seed }) }));

describe('runCells', () => {
  it('lets a cell fail alone, and keeps the order of the plan', async () => {
    for (const jobs of [1, 2]) {
      const outcomes = await runCells(cells(10, 1, 11, 2, 12, 2, 13), { jobs, worker });
      assert.deepEqual(
        outcomes.map((o) => `${o.cell.seed} ${o.state}`),
        ['10 done', '1 failed', '11 done', '2 failed', '12 done', '2 failed', '13 done'],
      );
      const messages = outcomes.map((o) => (o.state === 'failed' ? o.error.message : ''));
      assert.match(messages[1], /seed 1 throws/);
      assert.match(messages[3], /takes its thread down/);
    }
  });

  it('stops at once when told to, and keeps what was done', async () => {
    const stop = new AbortController();
    let done = 0;
    const outcomes = await runCells(cells(10, 11, 3, 12, 3, 13), {
      jobs: 2,
      worker,
      signal: stop.signal,
      onDone: () => {
        if (++done === 3) {
          setTimeout(() => {
            stop.abort();
          }, 50);
        }
      },
    });
    assert.deepEqual(
      outcomes.map((o) => o.state),
      ['done', 'done', 'skipped', 'done', 'skipped', 'skipped'],
    );
  });

  it('runs nothing when there is nothing to run', async () => {
    assert.deepEqual(await runCells([], { jobs: 4 }), []);
  });
});

describe('runApart', () => {
  const task = (seed: number): PlannedCell => cells(seed)[0];

  it('answers with what the module makes of the task, and throws what it throws', async () => {
    const { signal } = new AbortController();
    const result = await runApart(worker, task(10), signal);
    assert.deepEqual(result, someResult(task(10).cell, 500));
    await assert.rejects(() => runApart(worker, task(1), signal), /seed 1 throws/);
  });

  it('gives up at once when interrupted, before or meanwhile', async () => {
    const stop = new AbortController();
    const endless = runApart(worker, task(3), stop.signal);
    setTimeout(() => {
      stop.abort();
    }, 50);
    assert.equal(await endless, undefined);
    assert.equal(await runApart(worker, task(10), stop.signal), undefined);
  });
});
