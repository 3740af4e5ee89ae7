import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { footprintBytes } from '../../src/engine/footprint.ts';
import { POLICIES } from '../../src/policies/registry.ts';
import { parseMaxmemory } from '../../src/replay/maxmemory.ts';
import { plan, type Sweep } from '../../src/replay/plan.ts';
import { DEFAULT_SERVER, serverNamed } from '../../src/servers/registry.ts';
import { allocateTrace } from '../../src/trace/trace.ts';
import { someCell } from '../result.ts';

/** Policies of the default server. */
const policies = serverNamed(DEFAULT_SERVER).policies.length;

function sweep(changes: Partial<Sweep> = {}): Sweep {
  return {
    servers: [DEFAULT_SERVER],
    allocator: undefined,
    policies: ['allkeys-lru'],
    maxmemory: [parseMaxmemory('64mb', '--maxmemory')],
    seeds: [1],
    settings: someCell(),
    warmupRows: () => 0,
    timelineIntervalMs: () => 0,
    ...changes,
  };
}

function trace(name: string): ReturnType<typeof allocateTrace> {
  const made = allocateTrace(name, 1000, 1000);
  for (let i = 0; i < 1000; i++) {
    made.times[i] = i;
    made.keys[i] = i;
    made.valueBytes[i] = 100;
    made.ttls[i] = 0xffff_ffff;
    made.keyBytes[i] = 16;
  }
  return made;
}

describe('plan', () => {
  it('is every combination, by trace, maxmemory, policy, seed', () => {
    const cells = plan(
      [trace('a'), trace('b')],
      sweep({
        policies: ['allkeys-lru', 'noeviction'],
        maxmemory: ['64mb', '0'].map((text) => parseMaxmemory(text, '')),
        seeds: [3, 1],
      }),
    ).map(({ cell }) => [cell.workload, cell.maxmemoryBytes, cell.policy, cell.seed].join(' '));
    assert.equal(cells.length, 16);
    assert.deepEqual(cells.slice(0, 5), [
      'a 67108864 allkeys-lru 3',
      'a 67108864 allkeys-lru 1',
      'a 67108864 noeviction 3',
      'a 67108864 noeviction 1',
      'a 0 allkeys-lru 3',
    ]);
    assert.equal(cells[8], 'b 67108864 allkeys-lru 3');
  });

  it('runs a cell once, however often it was asked for', () => {
    const maxmemory = ['64mb', '65536kb', '67108864'].map((text) => parseMaxmemory(text, ''));
    assert.equal(
      plan([trace('a')], sweep({ maxmemory, policies: ['all', 'server'] })).length,
      policies,
    );
  });

  it('takes a share of the footprint on top of the empty server', () => {
    const t = trace('a');
    const profile = serverNamed(DEFAULT_SERVER);
    const allocator = profile.defaultAllocator;
    const [planned] = plan([t], sweep({ maxmemory: [parseMaxmemory('10%', '')] }));
    const empty = profile.startupMemoryBytes(allocator) + profile.idleClientBytes(allocator);
    const footprint = footprintBytes(t, profile, allocator);
    assert.equal(planned.cell.maxmemoryBytes, empty + Math.round(footprint / 10));
  });

  it('gives every server the same bytes: a share is of the footprint on the first', () => {
    const maxmemory = [parseMaxmemory('10%', ''), parseMaxmemory('64mb', '')];
    const limits = (servers: string[]): number[] =>
      plan([trace('a')], sweep({ servers, maxmemory })).map(({ cell }) => cell.maxmemoryBytes);
    const [share, bytes] = limits(['redis-7.0']);
    assert.deepEqual(limits(['redis-7.0', 'redis-5.0']), [share, bytes, share, bytes]);
    assert.notEqual(limits(['redis-5.0'])[0], share);
    // An empty Valkey 9.1 alone is larger than Redis 5.0 with a tenth of the keys.
    assert.throws(() => limits(['redis-5.0', 'valkey-9.1']), /--maxmemory 10%.*empty valkey-9\.1/);
  });

  it('takes aliases: profile and allocator, unless one was asked for', () => {
    const builds = (changes: Partial<Sweep>): string[] =>
      plan(
        [trace('a')],
        sweep({ servers: ['debian-12', 'redis:7.0', 'redis-7.0'], ...changes }),
      ).map(({ cell }) => `${cell.server} ${cell.allocator}`);
    assert.deepEqual(builds({}), ['redis-7.0 jemalloc-q16', 'redis-7.0 jemalloc-q8']);
    assert.deepEqual(builds({ allocator: 'libc' }), ['redis-7.0 libc']);
  });

  it('counts --startup-memory and --client-memory as the empty server', () => {
    const maxmemory = [parseMaxmemory('10kb', '')];
    assert.throws(() => plan([trace('a')], sweep({ maxmemory })), /an empty redis/);
    const settings = { ...someCell(), startupMemoryBytes: 10_000, clientMemoryBytes: 239 };
    assert.equal(plan([trace('a')], sweep({ maxmemory, settings })).length, 1);
  });

  it('refuses an allocator, a policy or samples that a server does not have', () => {
    const references = POLICIES.filter((p) => p.family === 'reference').length;
    const count = (names: string[]): number =>
      plan([trace('a')], sweep({ policies: names })).length;
    assert.equal(count(['all', 'reference']), policies + references);
    assert.throws(
      () => plan([trace('a')], sweep({ servers: ['redis-7.0'], policies: ['allkeys-lrm'] })),
      UsageError,
    );
    const settings = { ...someCell(), maxmemorySamples: 2 ** 40 };
    assert.throws(() => plan([trace('a')], sweep({ settings })), /maxmemory-samples/);
  });
});
