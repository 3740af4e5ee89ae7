import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Engine } from '../../src/engine/engine.ts';
import { allkeysLru, LRU_CLOCK_MAX } from '../../src/policies/lru.ts';
import { observed, type PolicyEvent } from '../reference/observed-policy.ts';
import { arrive, oneServer, type ServerOptions, START_MS } from '../reference/one-server.ts';

function server(options: ServerOptions): { engine: Engine; victims: () => number[] } {
  const log: PolicyEvent[] = [];
  const engine = oneServer(observed(allkeysLru, log), options);
  const victims = (): number[] =>
    log.flatMap((event) => (event.kind === 'victim' ? [event.id] : []));
  return { engine, victims };
}

const stampOf = (engine: Engine, id: number): number => {
  const { records } = engine.database.keyspace;
  return records.meta[records.slotOf(id)] & LRU_CLOCK_MAX;
};

/** Seconds of unix time at the next wrap of the 24-bit clock after the start. */
const WRAP_S = Math.ceil(START_MS / 1000 / 2 ** 24) * 2 ** 24;

describe('allkeys-lru', () => {
  it('evicts in true order of last use when it samples everything and uses are seconds apart', () => {
    const ids = Array.from({ length: 30 }, (_, id) => id);
    const newcomer = ids.length;
    const inserts = fc.shuffledSubarray(ids, { minLength: ids.length });
    const uses = fc.array(fc.constantFrom(...ids), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(inserts, uses, fc.nat(), (first, then, seed) => {
        const { engine, victims } = server({
          keys: ids.length + 1,
          roomBytes: 20_000,
          maxmemorySamples: ids.length,
          seed,
        });
        let seconds = 0;
        for (const id of [...first, ...then]) {
          arrive(engine, START_MS + ++seconds * 1000);
          if (!engine.get(id)) engine.set(id, 100);
        }
        assert.deepEqual(victims(), []);
        // One value as large as the whole limit: everything has to go, the longest unused first. Not followed to the
        // end: in a nearly empty table no sample is sure to find every key.
        arrive(engine, START_MS + (seconds + 1) * 1000);
        engine.set(newcomer, 20_000);
        const all = [...first, ...then];
        const order = [...ids].sort((a, b) => all.lastIndexOf(a) - all.lastIndexOf(b));
        assert.deepEqual(victims().slice(0, 8), order.slice(0, 8));
      }),
      { numRuns: 150 },
    );
  });

  it('steps by whole seconds: uses within one second tie', () => {
    const { engine } = server({});
    arrive(engine, START_MS + 5000);
    engine.set(0, 10);
    arrive(engine, START_MS + 5800);
    engine.set(1, 10);
    arrive(engine, START_MS + 7000);
    engine.set(2, 10);
    const stamps = [0, 1, 2].map((id) => stampOf(engine, id) - stampOf(engine, 0));
    assert.deepEqual(stamps, [0, 0, 2]);
  });

  it('reads a clock that the timer sets, up to a period late', () => {
    let late = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { engine } = server({ seed, hz: 1, startMs: START_MS + 500 });
      arrive(engine, START_MS + 1000);
      engine.set(0, 10);
      const lag = START_MS / 1000 + 1 - ((START_MS / 1000) & ~LRU_CLOCK_MAX) - stampOf(engine, 0);
      assert.ok(lag === 0 || lag === 1, `lag ${lag}`);
      late += lag;
    }
    assert.ok(late > 30 && late < 70, `${late} of 100 clocks were a second late`);
  });

  it('wraps after 194 days and still knows who is older', () => {
    const { engine, victims } = server({
      maxmemorySamples: 10,
      roomBytes: 3000,
      startMs: WRAP_S * 1000 - 10_000,
    });
    arrive(engine, WRAP_S * 1000 - 5000);
    engine.set(0, 10);
    arrive(engine, WRAP_S * 1000 - 3000);
    engine.set(1, 10);
    assert.ok(stampOf(engine, 1) > LRU_CLOCK_MAX - 5);
    arrive(engine, WRAP_S * 1000 + 4000);
    engine.set(2, 10);
    assert.ok(stampOf(engine, 2) < 5);
    arrive(engine, WRAP_S * 1000 + 9000);
    engine.set(3, 3000);
    assert.deepEqual(victims(), [0, 1, 2]);
  });

  it('counts one second too few across the wrap, as the server does', () => {
    // Key 0 was used 6 s ago, key 1 5 s ago, and the server cannot tell: the first it samples goes.
    const first = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const { engine, victims } = server({
        maxmemorySamples: 4,
        roomBytes: 300,
        startMs: WRAP_S * 1000 - 20_000,
        seed,
      });
      arrive(engine, WRAP_S * 1000 - 1000);
      engine.set(0, 10);
      assert.equal(stampOf(engine, 0), LRU_CLOCK_MAX);
      arrive(engine, WRAP_S * 1000);
      engine.set(1, 10);
      assert.equal(stampOf(engine, 1), 0);
      arrive(engine, WRAP_S * 1000 + 5000);
      engine.set(2, 10);
      assert.equal(victims().length, 1);
      first.add(victims()[0]);
    }
    assert.deepEqual([...first].sort(), [0, 1]);
  });

  it('evicts a key on the score it was sampled with, although it was read since', () => {
    const { engine, victims } = server({ keys: 20, maxmemorySamples: 20, roomBytes: 2000 });
    for (let id = 0; id < 10; id++) {
      arrive(engine, START_MS + (id + 1) * 1000);
      engine.set(id, 100);
    }
    arrive(engine, START_MS + 20_000);
    engine.set(10, 100);
    const first = victims();
    assert.deepEqual(first, [0], 'the oldest goes; 1 to 9 stay in the pool');
    arrive(engine, START_MS + 21_000);
    engine.get(1);
    engine.set(11, 100);
    assert.equal(victims()[1], 1, 'key 1 was read a moment ago');
  });

  it('stamps a key on every touching command, a refused SET included', () => {
    const { engine } = server({});
    const stamp = (command: () => void): number => {
      arrive(engine, engine.clock.nowMs + 2000);
      const before = stampOf(engine, 0);
      command();
      return stampOf(engine, 0) - before;
    };
    engine.set(0, 10);
    assert.equal(
      stamp(() => engine.get(0)),
      2,
    );
    assert.equal(
      stamp(() => engine.touch(0)),
      2,
    );
    assert.equal(
      stamp(() => engine.set(0, 10)),
      2,
    );
    assert.equal(
      stamp(() => engine.set(0, 10, Infinity, 1)),
      2,
    );
    assert.equal(
      stamp(() => engine.incr(0)),
      2,
    );
    assert.equal(
      stamp(() => engine.expire(0, 10_000)),
      2,
    );
    assert.equal(
      stamp(() => engine.persist(0)),
      2,
    );
    assert.equal(
      stamp(() => engine.persist(0)),
      2,
      'PERSIST that finds no TTL',
    );
  });
});
