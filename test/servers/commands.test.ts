import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEVER, SET_ALWAYS, SET_IF_ABSENT, SET_IF_PRESENT } from '../../src/engine/set-options.ts';
import { LFU_INITIAL } from '../../src/policies/lfu-counter.ts';
import { allkeysLfu } from '../../src/policies/lfu.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import type { ServerProfile } from '../../src/servers/profile.ts';
import { redis50 } from '../../src/servers/redis-5.0.ts';
import { redis60 } from '../../src/servers/redis-6.0.ts';
import { redis62 } from '../../src/servers/redis-6.2.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';
import { redis72 } from '../../src/servers/redis-7.2.ts';
import { redis74 } from '../../src/servers/redis-7.4.ts';
import { redis80 } from '../../src/servers/redis-8.0.ts';
import { valkey72 } from '../../src/servers/valkey-7.2.ts';
import { valkey80 } from '../../src/servers/valkey-8.0.ts';
import { oneServer } from '../reference/one-server.ts';

describe('commands of the dictionary servers', () => {
  /** How often writing to a key counts as an access: with a factor of 0 every touch adds one. */
  const touches = (profile: ServerProfile, mode: 0 | 1 | 2): number => {
    const engine = oneServer(allkeysLfu, { profile, lfuLogFactor: 0 });
    engine.set(0, 10);
    engine.set(0, 10, NEVER, mode);
    const { records } = engine.database.keyspace;
    return (records.meta[records.slotOf(0)] & 0xff) - LFU_INITIAL;
  };

  it('touch a key twice by SET XX up to Redis 6.2, once since, and once by all other writes', () => {
    for (const profile of [redis50, redis60, redis62]) {
      assert.equal(touches(profile, SET_IF_PRESENT), 2, profile.name);
      assert.equal(touches(profile, SET_IF_ABSENT), 1, profile.name);
      assert.equal(touches(profile, SET_ALWAYS), 1, profile.name);
    }
    for (const profile of [redis70, redis72, redis74, redis80, valkey72, valkey80]) {
      for (const mode of [SET_IF_PRESENT, SET_IF_ABSENT, SET_ALWAYS] as const) {
        assert.equal(touches(profile, mode), 1, profile.name);
      }
    }
  });

  /** The keys of one chain of the expires table, head first, after the last one was SET with a TTL once more. */
  const rewritten = (profile: ServerProfile): { before: number[]; after: number[] } => {
    const engine = oneServer(noeviction, { profile });
    for (let id = 0; id < 500; id++) engine.set(id, 10, 1_000_000);
    const { main, expires, records } = engine.database.keyspace;
    for (let step = 0; step < 1000; step++) {
      main.onLookup(0);
      expires.onLookup(0);
    }
    const chainAt = (cursor: number): number[] => {
      const slots: number[] = [];
      expires.collectAt(cursor, slots);
      return slots.map((slot) => records.ids[slot]);
    };
    let cursor = 0;
    while (chainAt(cursor).length < 3) cursor++;
    const before = chainAt(cursor);
    engine.set(before.at(-1)!, 10, 2_000_000);
    return { before, after: chainAt(cursor) };
  };

  it('put the entry of a TTL that SET renews at the head of its chain up to Redis 7.0', () => {
    for (const profile of [redis50, redis60, redis62, redis70]) {
      const { before, after } = rewritten(profile);
      assert.deepEqual(after, [before.at(-1)!, ...before.slice(0, -1)], profile.name);
    }
  });

  it('leave that entry where it is from Redis 7.2 on', () => {
    for (const profile of [redis72, redis74, redis80, valkey72, valkey80]) {
      const { before, after } = rewritten(profile);
      assert.deepEqual(after, before, profile.name);
    }
  });
});
