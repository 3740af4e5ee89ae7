import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cell } from '../../src/replay/cell.ts';
import { flows, timerOf } from '../../src/sizing/expiry.ts';
import { miniatureCell } from '../../src/sizing/miniature.ts';
import { freeBytes } from '../../src/sizing/room.ts';
import { workingSetOf } from '../../src/sizing/working-set.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { CELL } from './points.ts';

const ROOM = { argumentBytes: 60, halfKeyBytes: 500 };
const WHOLE = { fixedBytes: 1_000_000, dataBytes: 64_000 };

/** Each of `keys` keys of 1,000 bytes asked for a hundred times, all at the same pace. */
function evenTrace(keys: number): Trace {
  const rounds = 100;
  const trace = allocateTrace('t', keys * rounds, keys);
  for (let row = 0; row < trace.rows; row++) {
    trace.keys[row] = row % keys;
    trace.times[row] = Math.floor((row * 64) / keys);
    trace.valueBytes[row] = 900;
  }
  return trace;
}

const ABOUT = {
  weight: 16,
  whole: WHOLE,
  own: { fixedBytes: 1_000_000, dataBytes: 4000 },
  room: ROOM,
  workingSets: { whole: workingSetOf(evenTrace(64)), own: workingSetOf(evenTrace(4)) },
  seed: 3,
};

function miniatureOf(cell: Partial<Cell>, about = ABOUT): Cell {
  const trace = allocateTrace('t', 0, 0);
  return miniatureCell({ ...CELL, ...cell }, { trace, warmupRows: 11 }, about);
}

describe('miniatureCell', () => {
  it('scales the data, and neither fixed bytes nor what stays free', () => {
    const free = freeBytes(ROOM, 'allkeys-lru', 1);
    assert.equal(free, 560);
    const { maxmemoryBytes, warmupRows, seed } = miniatureOf({
      maxmemoryBytes: 1_000_000 + free + 32_000,
    });
    assert.ok(Math.abs(maxmemoryBytes - (1_000_000 + free + 2000)) < 5, String(maxmemoryBytes));
    assert.equal(warmupRows, 11);
    assert.equal(seed, 3);
    assert.equal(miniatureOf({ maxmemoryBytes: 0 }).maxmemoryBytes, 0);
  });

  it('takes commands that are parsed ahead for free bytes of the whole alone', () => {
    const limit = { maxmemoryBytes: 1_032_000, pipeline: 16 };
    const [one, ahead] = ['redis-8.0', 'redis-8.6'].map(
      (server) => miniatureOf({ ...limit, server }).maxmemoryBytes,
    );
    assert.ok(Math.abs(one - ahead - (15 * ROOM.argumentBytes) / 16) <= 1, `${one} ${ahead}`);
  });

  it('leaves one request under way, but where they are refused for each other', () => {
    assert.equal(miniatureOf({ pipeline: 16 }).pipeline, 1);
    assert.equal(miniatureOf({ pipeline: 16, policy: 'noeviction' }).pipeline, 16);
  });

  it('slows the timer down in full, and leaves the expire cycle to what flows', () => {
    const flowing = timerOf({ ...CELL, server: 'redis-8.6', activeExpireEffort: 4 }, 16);
    assert.equal(flowing.timerSlowdown, 16);
    // 20 keys and 5 more for each effort above 1: next to nothing is left.
    assert.equal(Math.round(20 + 5 * (flowing.activeExpireEffort - 1)), 1);
    // Redis 5.0 draws keys at random.
    assert.ok(!flows({ ...CELL, server: 'redis-5.0' }));
    const drawing = timerOf({ ...CELL, server: 'redis-5.0' }, 16);
    assert.deepEqual(drawing, { timerSlowdown: 16, activeExpireEffort: 1 });
  });
});
