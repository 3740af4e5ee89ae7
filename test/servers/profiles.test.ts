import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import { policyNamed } from '../../src/policies/registry.ts';
import type { ServerProfile } from '../../src/servers/profile.ts';
import { DEFAULT_SERVER, serverNamed, SERVERS } from '../../src/servers/registry.ts';
import { kernelFor } from '../reference/kernel-for.ts';
import { arrive, oneServer, START_MS } from '../reference/one-server.ts';

const round = rounderOf('jemalloc-q8');

/** Bytes of a table after `keys` insertions and some idle seconds. */
function grown(
  profile: ServerProfile,
  role: 'main' | 'expires',
  keys: number,
): { bytes: number; chainBytes: number } {
  const { kernel, account, records } = kernelFor(keys, { round });
  const table = profile.createTable(role, { kernel, hashSeed: 7 });
  for (let id = 0; id < keys; id++) table.insert(records.claim(id));
  for (let tick = 0; tick < 50; tick++) {
    table.resizeIfSparse();
    table.rehashFor(1000);
  }
  assert.equal(account.used, table.bytes);
  return { bytes: table.bytes, chainBytes: table.chainBytes };
}

describe('server profiles', () => {
  it('have the newest Redis as default', () => {
    const redis = SERVERS.map(({ name }) => name).filter((name) => name.startsWith('redis-'));
    const version = (name: string): number => Number(name.slice('redis-'.length));
    assert.equal(version(DEFAULT_SERVER), Math.max(...redis.map(version)));
  });

  for (const profile of SERVERS) {
    describe(profile.name, () => {
      it('is found by its name, and named after its version', () => {
        assert.equal(serverNamed(profile.name), profile);
        const [, version] = profile.name.split('-');
        assert.ok(profile.version.startsWith(`${version}.`));
        assert.ok(profile.summary.includes(version));
      });

      it('has policies that exist, once each', () => {
        assert.equal(new Set(profile.policies).size, profile.policies.length);
        for (const name of profile.policies) assert.equal(policyNamed(name).name, name);
      });

      it('says for every allocator what an empty server and an idle client take', () => {
        assert.ok(profile.allocators.includes(profile.defaultAllocator));
        for (const allocator of profile.allocators) {
          const startup = profile.startupMemoryBytes(allocator);
          assert.ok(startup > 600_000 && startup < 1_000_000, `${allocator}: ${startup}`);
          const client = profile.idleClientBytes(allocator);
          assert.ok(client > 1500 && client < 22_000, `${allocator}: ${client}`);
        }
      });

      it('predicts the bytes of a table at rest', () => {
        for (const role of ['main', 'expires'] as const) {
          assert.equal(profile.tableBytes(role, 0, round), 0);
          for (const keys of [1, 3, 4, 5, 8, 9, 100, 128, 129, 1000, 1024, 1025]) {
            const predicted = profile.tableBytes(role, keys, round);
            const { bytes, chainBytes } = grown(profile, role, keys);
            // Child buckets and nodes are as many as the hash has it; predicted is what is to be expected.
            const chance = predicted === bytes || chainBytes > 0 ? 32 * Math.sqrt(keys) : 0;
            assert.ok(
              Math.abs(predicted - bytes) <= chance,
              `${role}, ${keys}: ${predicted}, ${bytes}`,
            );
          }
        }
      });

      it('keeps its books through writes, expiry, deletes and idle time', () => {
        const engine = oneServer(noeviction, { profile, keys: 3000, resizesReplies: true });
        for (let id = 0; id < 3000; id++) {
          engine.set(id, id % 200, id % 3 === 0 ? 1000 + id : Infinity);
          arrive(engine, START_MS + id);
        }
        for (let id = 0; id < 2800; id++) engine.del(id);
        arrive(engine, START_MS + 20_000);
        engine.checkInvariants();
        assert.equal(engine.database.keyspace.expires.size, 0);
      });
    });
  }
});
