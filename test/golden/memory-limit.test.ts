import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.ts';
import { policyNamed } from '../../src/policies/registry.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import { MEMORY_BUILDS, type MemoryBuild } from './builds.ts';
import { goldenRows } from './data.ts';

const START_MS = 1_700_000_000_000;
const PIPELINE = 500;
const PIPELINES_PER_SECOND = 400;
/** MiB: growth refused in the middle (48), or not (64), and the smallest. All eight measured limits are met as well. */
const LIMITS = [24, 48, 64];
const TOLERANCE = 0.001;
/** Where it depends on hashes and on the order of evictions how many child buckets or nodes there are. */
const TOLERANCE_WITH_CHAINS = 0.005;
const tolerance = ({ chains }: MemoryBuild): number =>
  chains === undefined ? TOLERANCE : TOLERANCE_WITH_CHAINS;

/**
 * Inserts as many keys as the measurement did, half of which have to go again; returns those that are left. Compared
 * with what was left after the server's second such load, when its client had long been connected.
 */
function keysLeft(build: MemoryBuild, row: Readonly<Record<string, string>>): number {
  const profile = serverNamed(build.profile);
  // Half as many again were inserted before the second reading, which turns chains over further.
  const inserted = Number(row.inserted_1) * (build.chains === undefined ? 1 : 1.5);
  const engine = new Engine(
    {
      profile,
      allocator: build.allocator,
      policy: policyNamed(row.policy_group),
      maxmemoryBytes: Number(row.maxmemory),
      maxmemorySamples: 5,
      lfuLogFactor: 10,
      lfuDecayTime: 1,
      hz: 100,
      activeExpireEffort: 1,
      evictionTenacity: 10,
      // The level that was read had no loading client.
      baseBytes: Number(row.used_memory_before) + profile.idleClientBytes(build.allocator),
      serverTime: 'modelled',
      seed: 1,
    },
    new Uint32Array(Math.ceil(inserted)).fill(Number(row.key_bytes)),
    START_MS,
  );
  for (let id = 0; id < inserted; id++) {
    if (id % PIPELINE === 0) engine.wake(START_MS + (id / PIPELINE / PIPELINES_PER_SECOND) * 1000);
    engine.set(id, Number(row.value_bytes));
    if (id % PIPELINE === PIPELINE - 1) engine.endEvents();
  }
  return engine.database.keyspace.main.size;
}

describe('keys that fit below a memory limit, against real servers', () => {
  for (const build of MEMORY_BUILDS) {
    const cells = goldenRows('memory_limit.csv.gz').filter(
      (row) =>
        row.server === build.server &&
        row.version === build.version &&
        row.allocator === build.measured &&
        LIMITS.includes(Number(row.maxmemory) / 1024 ** 2),
    );
    for (const row of cells) {
      const limit = `${Number(row.maxmemory) / 1024 ** 2} MiB`;
      it(`${build.server} ${build.version} ${build.measured}, ${limit}: within ${100 * tolerance(build)} %`, () => {
        const measured = Number(row.keys_left_2);
        const modelled = keysLeft(build, row);
        const off = modelled / measured - 1;
        assert.ok(Math.abs(off) <= tolerance(build), `server ${measured}, model ${modelled}`);
      });
    }
  }
});
