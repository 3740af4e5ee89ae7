import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { footprintBytes } from '../../src/engine/footprint.ts';
import { Random } from '../../src/random.ts';
import type { Cell } from '../../src/replay/cell.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { runCell } from '../../src/replay/replay.ts';
import { SERVERS } from '../../src/servers/registry.ts';
import { generate } from '../../src/workload/generate.ts';
import { loadWorkload } from '../../src/workload/load.ts';
import { kernelFor } from '../reference/kernel-for.ts';

describe('kernel', () => {
  it('refuses more keys than its memory has addresses for, in one sentence', () => {
    assert.throws(
      () => kernelFor(90_000_000),
      (error) =>
        error instanceof UsageError &&
        error.message.startsWith('90000000 distinct keys take more than the 4 GB') &&
        error.stack === error.message,
    );
  });

  it('throws the dice of Random', () => {
    const random = new Random(7, 'dice');
    const { calls } = kernelFor(1, { random }).kernel;
    for (let i = 0; i < 1000; i++) assert.equal(calls.float(), random.float());
  });

  it('leaves nothing to the next engine that it serves', async () => {
    const trace = generate(await loadWorkload('mixed-ttl', { requests: 20_000 }));
    const cells = SERVERS.flatMap((profile) =>
      profile.policies.map((policy) => {
        const { name: server, defaultAllocator: allocator } = profile;
        const room = Math.round(0.2 * footprintBytes(trace, profile, allocator));
        return {
          ...DEFAULT_SETTINGS,
          workload: 'mixed-ttl',
          server,
          allocator,
          policy,
          maxmemoryBytes: 1_500_000 + room,
          seed: 3,
          warmupRows: 0,
          timelineIntervalMs: 0,
        };
      }),
    );
    const outcome = (cell: Cell): unknown => ({ ...runCell(trace, cell), elapsedMs: 0 });
    const forward = cells.map(outcome);
    // Each follows another one than before.
    const backward = cells.toReversed().map(outcome).toReversed();
    assert.deepEqual(backward, forward);
    assert.ok(cells.length > 90);
  });
});
