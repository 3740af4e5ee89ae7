import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { NEVER } from '../../src/engine/set-options.ts';
import { redis86Layout, valkey81Layout, valkey91Layout } from '../../src/memory/object-layout.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import type { ServerProfile } from '../../src/servers/profile.ts';
import { redis86 } from '../../src/servers/redis-8.6.ts';
import { valkey81 } from '../../src/servers/valkey-8.1.ts';
import { valkey91 } from '../../src/servers/valkey-9.1.ts';
import { oneServer } from '../reference/one-server.ts';

const round = rounderOf('jemalloc-q16');
const LAYOUTS = [redis86Layout(round), valkey81Layout(round), valkey91Layout(round)];

/** Bytes of one key without and with a TTL on Redis 8.6.3, Valkey 8.1.1 and 9.1.2: [key length, value length, bytes]. */
const MEASURED = [
  [16, 20, [64, 80], [64, 80], [64, 64]],
  [16, 44, [96, 96], [96, 96], [80, 96]],
  [16, 64, [128, 128], [128, 128], [96, 112]],
  [16, 100, [160, 160], [160, 160], [160, 160]],
  [16, 500, [560, 560], [560, 560], [560, 560]],
  [44, 20, [112, 112], [112, 112], [96, 96]],
  [44, 100, [192, 192], [192, 192], [192, 192]],
  [100, 100, [240, 272], [240, 272], [240, 272]],
  [300, 1000, [1408, 1408], [1408, 1408], [1408, 1408]],
] as const;

/** A server whose key 0 went through `commands`; bytes of that key. */
function bytesAfter(profile: ServerProfile, commands: (engine: Engine) => void): number {
  const engine = oneServer(noeviction, { profile, keyBytes: 24, allocator: 'jemalloc-q16' });
  commands(engine);
  const { records } = engine.database.keyspace;
  return records.bytes[records.slotOf(0)];
}

describe('keys that share a block with their values', () => {
  it('cost what was measured', () => {
    for (const [key, value, ...bytes] of MEASURED) {
      for (const [column, layout] of LAYOUTS.entries()) {
        const measured = [false, true].map((slot) => layout.entryBytes(key, value, 'string', slot));
        assert.deepEqual(measured, bytes[column], `${key}/${value} in column ${column}`);
      }
    }
    for (const layout of LAYOUTS) {
      assert.equal(layout.entryBytes(8, 10, 'integer', false), 32);
      assert.equal(layout.entryBytes(8, 10, 'integer', true), 48);
      assert.equal(layout.entryBytes(16, 10, 'integer', false), 48);
      assert.equal(layout.entryBytes(16, 10, 'integer', true), 48);
    }
  });

  it('keep an embedded value when a TTL comes and their block has room to spare (Valkey 8.1)', () => {
    // 16 + 36 + 9 = 61 bytes fill a block of 64; 65 are given one of 80.
    const [, layout] = LAYOUTS;
    assert.equal(layout.entryBytes(32, 9, 'string', false), 80);
    assert.equal(layout.entryBytes(32, 9, 'string', true), 80);
    assert.equal(layout.entryBytes(31, 10, 'string', false), 64);
    assert.equal(layout.entryBytes(31, 10, 'string', true), 64 + 16);
  });

  it('keep the room for an expiry after PERSIST', () => {
    for (const profile of [redis86, valkey81, valkey91]) {
      const fresh = bytesAfter(profile, (engine) => engine.set(0, 100));
      const volatile = bytesAfter(profile, (engine) => engine.set(0, 100, 1000));
      assert.ok(volatile > fresh);
      const persisted = bytesAfter(profile, (engine) => {
        engine.set(0, 100);
        engine.expire(0, 1000);
        engine.persist(0);
      });
      assert.equal(persisted, volatile, profile.name);
    }
  });

  it('keep it when a value outside the block is written over by another of its kind', () => {
    for (const profile of [redis86, valkey81, valkey91]) {
      const rewritten = bytesAfter(profile, (engine) => {
        engine.set(0, 100, 1000);
        engine.set(0, 120);
        engine.set(0, 100);
      });
      const volatile = bytesAfter(profile, (engine) => engine.set(0, 100, 1000));
      assert.equal(rewritten, profile === valkey91 ? 160 : volatile, profile.name);
    }
  });

  it('lose it with a new block: at once on Redis 8.6, with the write after next on Valkey 8.1', () => {
    const after = (profile: ServerProfile, writes: number): number =>
      bytesAfter(profile, (engine) => {
        engine.set(0, 17, 1000);
        for (let i = 0; i < writes; i++) engine.set(0, 17);
      });
    const fresh = bytesAfter(redis86, (engine) => engine.set(0, 17));
    assert.equal(after(redis86, 1), fresh);
    assert.equal(after(valkey81, 1), after(valkey81, 0));
    assert.equal(after(valkey81, 2), fresh);
  });

  it('never share integers', () => {
    for (const profile of [redis86, valkey81, valkey91]) {
      const small = bytesAfter(profile, (engine) => engine.setInteger(0, 7, NEVER));
      const large = bytesAfter(profile, (engine) => engine.setInteger(0, 70_000, NEVER));
      assert.equal(small, large);
    }
  });
});
