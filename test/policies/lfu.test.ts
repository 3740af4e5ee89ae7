import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decayedCounter,
  incrementProbability,
  LFU_INITIAL,
  LFU_MAX,
} from '../../src/policies/lfu-counter.ts';
import { allkeysLfu } from '../../src/policies/lfu.ts';
import { arrive, oneServer, type ServerOptions } from '../reference/one-server.ts';
import type { Engine } from '../../src/engine/engine.ts';

const MINUTE = 60_000;

const server = (options: ServerOptions = {}): Engine => oneServer(allkeysLfu, options);

/** The counter as it is stored: the low eight bits of the access metadata. */
const counterOf = (engine: Engine, id: number): number => {
  const { records } = engine.database.keyspace;
  return records.meta[records.slotOf(id)] & 0xff;
};

/** Hits it takes on average until a counter that starts at 5 reaches `counter`: the sum of the waiting times. */
function expectedHits(counter: number, factor: number): number {
  let hits = 0;
  for (let c = LFU_INITIAL; c < counter; c++) hits += Math.max(0, c - LFU_INITIAL) * factor + 1;
  return hits;
}

describe('lfu', () => {
  it('starts a key at 5', () => {
    const engine = server();
    engine.set(0, 10);
    assert.equal(counterOf(engine, 0), LFU_INITIAL);
  });

  it('takes as many hits to reach a counter as the waiting times add up to', () => {
    for (const [factor, target] of [
      [10, 10],
      [10, 15],
      [1, 30],
      [100, 8],
    ]) {
      const servers = 300;
      let hits = 0;
      let spread = 0;
      for (let c = LFU_INITIAL; c < target; c++) {
        const wait = (c - LFU_INITIAL) * factor + 1;
        spread += wait * (wait - 1);
      }
      for (let seed = 0; seed < servers; seed++) {
        const engine = server({ lfuLogFactor: factor, seed });
        engine.set(0, 10);
        while (counterOf(engine, 0) < target) {
          engine.get(0);
          hits++;
        }
      }
      const mean = hits / servers;
      const expected = expectedHits(target, factor);
      const tolerance = 4 * Math.sqrt(spread / servers);
      assert.ok(Math.abs(mean - expected) < tolerance, `factor ${factor}: ${mean}, ${expected}`);
    }
  });

  it('grows as documented: about 10 after 100 hits, 18 after 1,000, 142 after 100,000', () => {
    const documented = [
      [100, 10, 1],
      [1000, 18, 2],
      [100_000, 142, 5],
    ];
    for (const [hits, counter, tolerance] of documented) {
      let sum = 0;
      for (let seed = 0; seed < 10; seed++) {
        const engine = server({ seed });
        engine.set(0, 10);
        for (let i = 0; i < hits; i++) engine.get(0);
        sum += counterOf(engine, 0);
      }
      assert.ok(Math.abs(sum / 10 - counter) <= tolerance, `${hits} hits: ${sum / 10}`);
    }
  });

  it('is full after a million hits, and stays at 255', () => {
    const engine = server();
    engine.set(0, 10);
    for (let i = 0; i < 1_000_000; i++) engine.get(0);
    assert.equal(counterOf(engine, 0), LFU_MAX);
    engine.get(0);
    assert.equal(counterOf(engine, 0), LFU_MAX);
  });

  it('counts every access with a factor of 0', () => {
    const engine = server({ lfuLogFactor: 0 });
    engine.set(0, 10);
    for (let i = 1; i <= 250; i++) {
      engine.touch(0);
      assert.equal(counterOf(engine, 0), LFU_INITIAL + i);
    }
    engine.touch(0);
    assert.equal(counterOf(engine, 0), LFU_MAX);
  });

  it('counts every access below 5 whatever the factor', () => {
    for (let counter = 0; counter <= LFU_INITIAL; counter++) {
      assert.equal(incrementProbability(counter, 100), 1);
    }
    assert.equal(incrementProbability(6, 10), 1 / 11);
    assert.equal(incrementProbability(254, 10), 1 / 2491);
  });

  it('takes an overwrite for one access, and a refused one as well', () => {
    const engine = server({ lfuLogFactor: 0 });
    engine.set(0, 10);
    engine.set(0, 20);
    assert.equal(counterOf(engine, 0), LFU_INITIAL + 1);
    engine.set(0, 20, Infinity, 1);
    assert.equal(counterOf(engine, 0), LFU_INITIAL + 2);
    engine.incr(0);
    engine.expire(0, 1000);
    engine.persist(0);
    engine.persist(0);
    assert.equal(counterOf(engine, 0), LFU_INITIAL + 6);
  });

  it('forgets a key that was deleted', () => {
    const engine = server({ lfuLogFactor: 0 });
    engine.set(0, 10);
    for (let i = 0; i < 50; i++) engine.get(0);
    engine.del(0);
    engine.set(0, 10);
    assert.equal(counterOf(engine, 0), LFU_INITIAL);
  });

  it('loses one per full decay period, and nothing when decay is off', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(65_535), fc.nat(20), (counter, minutes, period) => {
        const left = decayedCounter(counter, minutes, period);
        const lost = period === 0 ? 0 : Math.trunc(minutes / period);
        assert.equal(left, lost > counter ? 0 : counter - lost);
      }),
    );
  });

  it('decays when it is touched, by minutes of the clock and not by elapsed time', () => {
    const startMs = 1_700_000_040_000 + 59_000;
    assert.equal(Math.floor(startMs / 1000) % 60, 59);
    const engine = server({ lfuLogFactor: 1_000_000, startMs });
    engine.set(0, 10);
    engine.get(0);
    assert.equal(counterOf(engine, 0), 6);
    arrive(engine, startMs + 1000);
    engine.get(0);
    assert.equal(counterOf(engine, 0), 6, 'one second later is another minute: 6 - 1, then + 1');
    arrive(engine, startMs + 1000 + 4 * MINUTE);
    engine.get(0);
    assert.equal(counterOf(engine, 0), 3, '6 - 4, then + 1');
  });

  it('counts one minute too few across the wrap of the sixteen bits', () => {
    const wrapMs = Math.ceil(1_700_000_000_000 / MINUTE / 65_536) * 65_536 * MINUTE;
    const engine = server({ lfuLogFactor: 0, startMs: wrapMs - 2 * MINUTE });
    engine.set(0, 10);
    for (let i = 0; i < 15; i++) engine.get(0);
    assert.equal(counterOf(engine, 0), 20);
    arrive(engine, wrapMs + 3 * MINUTE);
    engine.get(0);
    assert.equal(counterOf(engine, 0), 20 - 4 + 1, 'five minutes have passed');
  });

  it('judges keys by their decayed counters, and leaves what is stored alone', () => {
    const engine = server({ maxmemorySamples: 64, roomBytes: 1600, lfuLogFactor: 0 });
    engine.set(0, 10);
    for (let i = 0; i < 10; i++) engine.get(0);
    arrive(engine, engine.clock.nowMs + 8 * MINUTE);
    engine.set(1, 10);
    for (let i = 0; i < 4; i++) engine.get(1);
    engine.set(2, 600);
    for (let i = 0; i < 20; i++) engine.get(2);
    engine.set(3, 600);
    const { records } = engine.database.keyspace;
    assert.deepEqual(
      [0, 1, 2].map((id) => records.isResident(records.slotOf(id))),
      [false, true, true],
      'key 0: 15 - 8 = 7, below 9 and 25',
    );
    assert.equal(counterOf(engine, 1), 9);
  });
});
