import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { headroom, type HeadroomRequest, tableDoubling } from '../../src/sizing/headroom.ts';
import { platformSettings, valuesYaml } from '../../src/sizing/platforms.ts';
import { serverNamed, SERVERS } from '../../src/servers/registry.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const REQUEST: HeadroomRequest = {
  profile: serverNamed('redis-7.0'),
  allocator: 'jemalloc-q8',
  maxmemoryBytes: GIB,
  keys: 1_000_000,
  volatileKeys: 0,
  fragmentation: 1.1,
  forks: true,
  copiedBytes: 100 * MIB,
  replicas: 0,
  replicaBufferBytes: 256 * MIB,
  rewriteBytes: 0,
};
const bytesOf = (request: Partial<HeadroomRequest>): Record<string, number> =>
  Object.fromEntries(
    headroom({ ...REQUEST, ...request }).parts.map(({ name, bytes }) => [name, bytes]),
  );

describe('headroom', () => {
  it('adds up what maxmemory leaves out', () => {
    const { parts, totalBytes } = headroom(REQUEST);
    const sum = parts.reduce((total, { bytes }) => total + bytes, 0);
    assert.equal(totalBytes, sum);
    assert.deepEqual(bytesOf({}), {
      maxmemory: GIB,
      fragmentation: Math.ceil(0.1 * GIB),
      process: 10 * MIB,
      'copy-on-write': 100 * MIB,
      child: Math.ceil(MIB + (1.1 * GIB) / 512),
    });
  });

  it('takes the whole heap for copies when nothing is known of the writes', () => {
    assert.equal(bytesOf({ copiedBytes: undefined })['copy-on-write'], Math.ceil(1.1 * GIB));
  });

  it('needs nothing for a child that is never born', () => {
    const parts = bytesOf({ forks: false });
    assert.ok(!('copy-on-write' in parts) && !('child' in parts));
  });

  it('counts buffers of replicas and of the append-only file, which maxmemory does not', () => {
    const parts = bytesOf({ replicas: 2, rewriteBytes: 7 });
    assert.equal(parts['replica buffers'], 512 * MIB);
    assert.equal(parts['append-only file'], 7);
  });

  it('counts a doubling table only where the server does not put it off', () => {
    assert.ok(!('table doubling' in bytesOf({})));
    assert.equal(bytesOf({ profile: serverNamed('redis-6.0') })['table doubling'], 16 * MIB);
  });
});

describe('the next doubling of a hash table', () => {
  const at = (server: string, keys: number, volatileKeys = 0) => {
    const doubling = tableDoubling({
      ...REQUEST,
      profile: serverNamed(server),
      keys,
      volatileKeys,
    });
    assert.ok(doubling !== undefined);
    return doubling;
  };

  it('is at one key above a power of two in a dictionary, of 8 bytes per slot', () => {
    const { atKeys, arrayBytes, releasedBytes, isRefusedAtLimit } = at('redis-7.0', 1_000_000);
    assert.deepEqual(
      { atKeys, arrayBytes, releasedBytes, isRefusedAtLimit },
      { atKeys: 2 ** 20 + 1, arrayBytes: 2 ** 24, releasedBytes: 2 ** 23, isRefusedAtLimit: true },
    );
    // redis#2716: beyond 134,217,728 keys the table grows by 2.1 GB.
    assert.equal(at('redis-6.0', 130_000_000).arrayBytes, 2 ** 31);
  });

  it('is a key earlier where a full table is doubled by the timer', () => {
    assert.equal(at('redis-7.4', 1_000_000).atKeys, 2 ** 20);
  });

  it('is at seven keys per bucket of 64 bytes in Valkey 8.1', () => {
    const { atKeys, arrayBytes } = at('valkey-8.1', 800_000);
    assert.equal(atKeys, 7 * 2 ** 17);
    assert.ok(arrayBytes >= 2 ** 24 && arrayBytes < 1.04 * 2 ** 24, String(arrayBytes));
  });

  it('takes the expires table along when every key has a TTL', () => {
    const { arrayBytes } = at('redis-7.0', 1_000_000, 1_000_000);
    assert.equal(arrayBytes, 2 * 2 ** 24);
    assert.equal(at('redis-7.0', 1_000_000, 10).arrayBytes, 2 ** 24);
  });

  it('evicts as many keys as the new table is worth, where it is not refused', () => {
    // 1 GiB and a million keys: 1,074 bytes a key.
    assert.equal(at('redis-6.0', 1_000_000).evictedKeys, Math.round(2 ** 24 / (GIB / 1e6)));
    assert.equal(at('redis-7.0', 1_000_000).evictedKeys, 0);
  });

  it('is ahead on every server, by less than the keys there are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SERVERS),
        fc.integer({ min: 1000, max: 50_000_000 }),
        (profile, keys) => {
          const doubling = tableDoubling({ ...REQUEST, profile, keys });
          assert.ok(doubling !== undefined);
          assert.ok(doubling.atKeys > keys && doubling.atKeys <= 2 * keys + 1);
          assert.ok(doubling.arrayBytes > 1.3 * doubling.releasedBytes);
        },
      ),
    );
  });

  it('is unknown without keys', () => {
    assert.equal(tableDoubling({ ...REQUEST, keys: 0 }), undefined);
  });
});

describe('settings of platforms', () => {
  const requests = fc.record({
    maxmemoryBytes: fc.integer({ min: 64 * MIB, max: 512 * GIB }),
    fragmentation: fc.double({ min: 1, max: 2, noNaN: true }),
    copiedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    replicas: fc.integer({ min: 0, max: 3 }),
  });
  const settingsOf = ({
    maxmemoryBytes,
    fragmentation,
    copiedShare,
    replicas,
  }: {
    maxmemoryBytes: number;
    fragmentation: number;
    copiedShare: number;
    replicas: number;
  }) => {
    const plan = headroom({
      ...REQUEST,
      maxmemoryBytes,
      fragmentation,
      copiedBytes: copiedShare * maxmemoryBytes,
      replicas,
    });
    const settings = platformSettings({ maxmemoryBytes, headroom: plan, replicas });
    const of = (platform: string): Readonly<Record<string, string>> => {
      const found = settings.find((one) => one.platform === platform);
      assert.ok(found !== undefined);
      return found.settings;
    };
    return { plan, of };
  };

  it('grant at least what is needed, in the unit and range of each', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { plan, of } = settingsOf(request);
        const limit = /^(\d+)Mi$/.exec(of('Kubernetes')['resources.limits.memory'])?.[1];
        assert.ok(Number(limit) * MIB >= plan.totalBytes);
        assert.match(of('Docker')['--memory'], /^\d+m$/);
        const percent = Number(of('Amazon ElastiCache')['reserved-memory-percent']);
        assert.ok(Number.isInteger(percent) && percent >= 0 && percent < 100);
        assert.ok(plan.totalBytes * (1 - percent / 100) <= request.maxmemoryBytes + 1);
        const memorystore = Number(of('Memorystore for Redis')['maxmemory-gb']);
        assert.ok(memorystore * GIB <= request.maxmemoryBytes);
      }),
    );
  });

  it('give Azure reserves of 10 to 60 % of a cache that leaves maxmemory', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { plan, of } = settingsOf(request);
        const azure = of('Azure Cache for Redis');
        const reserves = [azure['maxmemory-reserved'], azure['maxfragmentationmemory-reserved']];
        const [reserved, fragmentation] = reserves.map((mb) => Number(mb) * MIB);
        const cache = request.maxmemoryBytes + reserved + fragmentation;
        assert.ok(cache >= plan.totalBytes);
        for (const reserve of [reserved, fragmentation]) {
          // To the megabyte that each is rounded up to.
          assert.ok(reserve >= 0.1 * cache - 2 * MIB, `${reserve} of ${cache}`);
        }
      }),
    );
  });

  it('can be pasted into a values.yaml', () => {
    const plan = headroom(REQUEST);
    assert.equal(
      valuesYaml(plan),
      'resources:\n  requests:\n    memory: 1240Mi\n  limits:\n    memory: 1240Mi\n',
    );
  });
});
