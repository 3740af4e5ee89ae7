import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Engine, NEVER } from '../../src/engine/engine.ts';
import { policyNamed } from '../../src/policies/registry.ts';
import type { Allocator } from '../../src/servers/profile.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import { GOLDEN_BUILDS } from './builds.ts';
import { goldenRows } from './data.ts';

const TEN_GIB = 10 * 1024 ** 3;
const START_MS = 1_700_000_000_000;

/** How memory.csv names the allocator of a build. */
const ALLOCATOR_OF: Readonly<Record<string, Allocator>> = {
  'jemalloc-5.2.1-bundled-q8': 'jemalloc-q8',
  'jemalloc-5.3.0-system-q16': 'jemalloc-q16',
};

/** Loads the cell's keys as the measurement did and returns what they added to `used_memory` once at rest. */
function grownBytes(
  row: Record<string, string>,
  profileName: string,
  allocator: Allocator,
): number {
  const keys = Number(row.keys);
  const limited = row.policy_group === 'allkeys-lru';
  const engine = new Engine(
    {
      profile: serverNamed(profileName),
      allocator,
      policy: policyNamed(limited ? 'allkeys-lru' : 'noeviction'),
      maxmemoryBytes: limited ? TEN_GIB : 0,
      maxmemorySamples: 5,
      lfuLogFactor: 10,
      lfuDecayTime: 1,
      hz: 100,
      activeExpireEffort: 1,
      evictionTenacity: 10,
      baseBytes: 1_000_000,
      serverTime: 'modelled',
      seed: 1,
    },
    new Uint32Array(keys).fill(Number(row.key_bytes)),
    START_MS,
  );
  const ttlMs = row.ttl === 'yes' ? 86_400_000 : NEVER;
  const digits = Number(row.value_bytes);
  for (let id = 0; id < keys; id++) {
    if (row.value_kind !== 'integer') engine.set(id, digits, ttlMs);
    else engine.setInteger(id, digits === 1 ? id % 10 : 10 ** (digits - 1) + id, ttlMs);
  }
  engine.wake(START_MS + 5000);
  engine.endEvents();
  return engine.dataBytes;
}

describe('used_memory against real servers, to the byte', () => {
  for (const build of GOLDEN_BUILDS) {
    const cells = goldenRows('memory.csv.gz').filter(
      (row) =>
        row.server === build.server &&
        row.version === build.version &&
        ALLOCATOR_OF[row.allocator] === build.allocator,
    );
    it(`${build.server} ${build.version} ${build.allocator}: all ${cells.length} cells`, () => {
      assert.ok(cells.length > 1000);
      for (const row of cells) {
        const measured = Number(row.used_memory_after) - Number(row.used_memory_before);
        const modelled = grownBytes(row, build.profile, build.allocator);
        assert.equal(modelled, measured, JSON.stringify(row));
      }
    });
  }
});
