import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import { policyNamed } from '../../src/policies/registry.ts';
import { Random } from '../../src/random.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import { withCurrentPool } from '../../src/sizing/current-pool.ts';
import { CELL } from './points.ts';

const KEYS = 120;
const TTL_MS = 1e9;
const LFU_MINUTE = 60_000;

interface Eviction {
  readonly victim: number;
  /** What the policy would have to compare, of every key that was there: the higher, the sooner it goes. */
  readonly scores: ReadonlyMap<number, number>;
}

/**
 * A server with room for some 40 keys that draws more samples than it has keys, so that it sees them all: who goes is then a
 * matter of the pool alone. A request every two seconds.
 */
function evictionsUnder(
  policy: PolicyDefinition,
  scoreOf: (engine: Engine, slot: number) => number,
): Eviction[] {
  const profile = serverNamed('redis-7.2');
  const baseBytes = profile.startupMemoryBytes('jemalloc-q8');
  const settings = {
    ...CELL,
    profile,
    policy,
    baseBytes,
    maxmemoryBytes: baseBytes + 9000,
    maxmemorySamples: 256,
    serverTime: 'none' as const,
  };
  const engine = new Engine(settings, new Uint32Array(KEYS).fill(8), 0);
  const random = new Random(7, 'current-pool');
  const evictions: Eviction[] = [];
  const { records } = engine.database.keyspace;
  const residents = (): number[] =>
    Array.from({ length: KEYS }, (_, id) => id).filter((id) => records.slotOf(id) !== 0);
  for (let request = 1; request <= 4000; request++) {
    engine.wake(request * 2000);
    // Half of the requests for a tenth of the keys, so that candidates are asked for while they wait.
    const id = Math.floor(random.float() * (random.float() < 0.5 ? KEYS / 10 : KEYS));
    const before = residents();
    const scores = new Map(before.map((key) => [key, scoreOf(engine, records.slotOf(key))]));
    if (!engine.get(id)) engine.set(id, 100, TTL_MS + Math.floor(random.float() * TTL_MS));
    engine.endEvents();
    const gone = before.filter((key) => records.slotOf(key) === 0);
    if (gone.length === 1) evictions.push({ victim: gone[0], scores });
  }
  return evictions;
}

/** How often somebody else should have gone. */
const mistakes = (evictions: readonly Eviction[]): number =>
  evictions.filter(({ victim, scores }) => scores.get(victim)! < Math.max(...scores.values()))
    .length;

const CASES = [
  {
    policy: 'allkeys-lru',
    scoreOf: ({ database, clock }: Engine, slot: number) =>
      clock.lruSeconds - (database.keyspace.records.meta[slot] & 0xffffff),
  },
  {
    policy: 'volatile-lru',
    scoreOf: ({ database, clock }: Engine, slot: number) =>
      clock.lruSeconds - (database.keyspace.records.meta[slot] & 0xffffff),
  },
  {
    policy: 'allkeys-lfu',
    scoreOf: ({ database, clock }: Engine, slot: number) => {
      const access = database.keyspace.records.meta[slot] & 0xffffff;
      const minutes = Math.floor(clock.nowMs / LFU_MINUTE) - (access >>> 8);
      return -Math.max(0, (access & 0xff) - minutes);
    },
  },
  {
    policy: 'volatile-ttl',
    scoreOf: ({ database }: Engine, slot: number) => -database.keyspace.records.expiresAtMs[slot],
  },
];

describe('withCurrentPool', () => {
  for (const { policy, scoreOf } of CASES) {
    it(`${policy}: nobody goes for what was true when he became a candidate`, () => {
      const evictions = evictionsUnder(withCurrentPool(policyNamed(policy)), scoreOf);
      assert.ok(evictions.length > 500, String(evictions.length));
      assert.equal(mistakes(evictions), 0);
    });
  }

  it('is needed: the pool of a server that is so small sends others', () => {
    const [{ policy, scoreOf }] = CASES;
    const evictions = evictionsUnder(policyNamed(policy), scoreOf);
    assert.ok(mistakes(evictions) > 50, String(mistakes(evictions)));
  });

  it('leaves policies without a pool as they are', () => {
    const scoreOf = (): number => 0;
    for (const name of ['allkeys-random', 'lru', 'lfu', 'noeviction']) {
      const policy = policyNamed(name);
      assert.deepEqual(
        evictionsUnder(withCurrentPool(policy), scoreOf),
        evictionsUnder(policy, scoreOf),
      );
    }
  });
});
