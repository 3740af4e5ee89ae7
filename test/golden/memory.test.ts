import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.ts';
import { NEVER } from '../../src/engine/set-options.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { policyNamed } from '../../src/policies/registry.ts';
import { serverNamed } from '../../src/servers/registry.ts';
import { sipHash } from '../reference/siphash.ts';
import { MEMORY_BUILDS, type MemoryBuild } from './builds.ts';
import { goldenRows } from './data.ts';

const TEN_GIB = 10 * 1024 ** 3;
const START_MS = 1_700_000_000_000;
/** Cells with up to this many keys are loaded as they were measured. */
const MOST_KEYS_LOADED = 1000;
const FEW_KEYS = 16;

type Row = Readonly<Record<string, string>>;

/** Bytes but for child buckets and nodes, and what those of the main table take. */
interface Grown {
  readonly bytes: number;
  readonly chainBytes: number;
}

function emptyServer(build: MemoryBuild, maxmemoryBytes: number, keyBytes: Uint32Array): Engine {
  return new Engine(
    {
      profile: serverNamed(build.profile),
      allocator: build.allocator,
      policy: policyNamed(maxmemoryBytes > 0 ? 'allkeys-lru' : 'noeviction'),
      maxmemoryBytes,
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
    keyBytes,
    START_MS,
  );
}

/** What `keys` keys as those of the cell add to `used_memory` once the server is at rest, chains counted apart. */
function grownBytes(build: MemoryBuild, row: Row, keys: number): Grown {
  const limit = row.policy_group === 'allkeys-lru' ? TEN_GIB : 0;
  const engine = emptyServer(build, limit, new Uint32Array(keys).fill(Number(row.key_bytes)));
  const ttlMs = row.ttl === 'yes' ? 86_400_000 : NEVER;
  const length = Number(row.value_bytes);
  for (let id = 0; id < keys; id++) {
    if (row.value_kind !== 'integer') engine.set(id, length, ttlMs);
    else engine.setInteger(id, length === 1 ? id % 10 : 10 ** (length - 1) + id, ttlMs);
    engine.sendReplies();
  }
  engine.wake(START_MS + 5000);
  engine.endEvents();
  const { main, expires } = engine.database.keyspace;
  const bytes = engine.dataBytes + firstKeyDifference(build, row.ttl === 'yes');
  const chainBytes = { main: main.chainBytes, expires: expires.chainBytes };
  engine.release();
  return { bytes: bytes - chainBytes.main - chainBytes.expires, chainBytes: chainBytes.main };
}

/** What the measured server did not have to allocate with its first keys, or more than the profile says. */
function firstKeyDifference(build: MemoryBuild, withTtl: boolean): number {
  if (build.firstKeyBytes === undefined) return 0;
  const profile = serverNamed(build.profile);
  const modelled = (role: 'main' | 'expires'): number =>
    profile.tableBytes(role, 1, rounderOf(build.allocator)) - (build.firstArrayBytes ?? 32);
  const main = build.firstKeyBytes.main - modelled('main');
  return withTtl ? main + build.firstKeyBytes.expires - modelled('expires') : main;
}

/**
 * Predicts all cells of a build. Cells of up to 1000 keys are loaded key by key. For larger ones every number of keys is
 * loaded once, with keys of one size, and every size once, a few keys of it: keys of other sizes in the same tables
 * cost as much more or less as so many times one key does.
 */
function predictor(build: MemoryBuild): (row: Row) => number {
  const known = new Map<string, number>();
  const once = (key: string, load: () => number): number => {
    let bytes = known.get(key);
    if (bytes === undefined) known.set(key, (bytes = load()));
    return bytes;
  };
  const fewKeys = (row: Row): number => {
    const { policy_group, key_bytes, value_bytes, value_kind, ttl } = row;
    const key = [policy_group, key_bytes, value_bytes, value_kind, ttl].join(' ');
    return once(key, () => grownBytes(build, row, FEW_KEYS).bytes);
  };
  return (row) => {
    const keys = Number(row.keys);
    if (keys <= MOST_KEYS_LOADED) return grownBytes(build, row, keys).bytes;
    const plain = { ...row, key_bytes: '16', value_bytes: '20', value_kind: 'string' };
    const ofPlainKeys = once(`${keys} ${row.ttl}`, () => grownBytes(build, plain, keys).bytes);
    return ofPlainKeys + (keys / FEW_KEYS) * (fewKeys(row) - fewKeys(plain));
  };
}

/** Bytes of child buckets or nodes that the server had in a cell. */
function chainBytesOf(build: MemoryBuild): (row: Row) => number {
  const { chains } = build;
  if (chains === undefined) return () => 0;
  const cells = new Map<string, number>();
  for (const row of goldenRows(chains.file)) {
    const bytes = chains.bytesEach * (Number(row[chains.main]) + Number(row[chains.expires]));
    const same = cells.get(cellOf(row));
    cells.set(cellOf(row), same ?? bytes);
  }
  return (row) => cells.get(cellOf(row))!;
}

function cellOf(row: Row): string {
  const { server, version, policy_group, keys, key_bytes, value_bytes, value_kind, ttl } = row;
  return [server, version, policy_group, keys, key_bytes, value_bytes, value_kind, ttl].join(' ');
}

describe('used_memory against real servers, to the byte', () => {
  for (const build of MEMORY_BUILDS) {
    const cells = goldenRows('memory.csv.gz').filter(
      (row) =>
        row.server === build.server &&
        row.version === build.version &&
        row.allocator === build.measured,
    );
    it(`${build.server} ${build.version} ${build.measured}: all ${cells.length} cells`, () => {
      assert.equal(cells.length, build.cells ?? 1668);
      const chains = chainBytesOf(build);
      const predict = predictor(build);
      for (const row of cells) {
        const measured = Number(row.used_memory_after) - Number(row.used_memory_before);
        assert.equal(predict(row) + chains(row), measured, JSON.stringify(row));
      }
    });
  }

  // What is left is chance: the hash seed decides how keys fall into buckets. Ours must do so as the servers' do.
  for (const build of MEMORY_BUILDS.filter(({ chains }) => chains !== undefined)) {
    const chains = build.chains!;
    it(`${build.server} ${build.version}: as many child buckets or nodes as other hash seeds give`, () => {
      const counts = new Map<number, number[]>();
      for (const row of goldenRows(chains.file)) {
        if (row.server !== build.server || row.version !== build.version) continue;
        const keys = Number(row.keys);
        if (keys < 1000 || keys > 100_000) continue;
        const list = counts.get(keys) ?? [];
        counts.set(keys, list);
        list.push(Number(row[chains.main]));
      }
      assert.ok(counts.size >= 3);
      for (const [keys, list] of counts) {
        const row = { key_bytes: '16', value_bytes: '20', value_kind: 'string', ttl: 'no' };
        const ours = grownBytes(build, { ...row, policy_group: 'noeviction' }, keys).chainBytes;
        // The cells of a build were loaded with few different seeds: the mean of all has the spread of one, at most.
        const theirs = list.reduce((sum, count) => sum + count, 0) / list.length;
        const off = Math.abs(ours / chains.bytesEach - theirs) / chains.spread(keys);
        assert.ok(
          off < 4,
          `${keys} keys: ${ours / chains.bytesEach}, server ${theirs}, off by ${off} spreads`,
        );
      }
    });
  }
});

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Key number `i` of memory_hash_seed.csv: its base-62 digits after zeros, after as many k as the length asks for. */
function seededKey(i: number, length: number): Uint8Array {
  let digits = '';
  for (let rest = i; rest > 0; rest = Math.floor(rest / 62)) digits = DIGITS[rest % 62] + digits;
  return Buffer.from(digits.padStart(Math.min(6, length), '0').padStart(length, 'k'));
}

/** Child buckets of a chain: seven keys fit into a bucket, six where the last position leads to a child. */
const childrenOf = (length: number): number => (length <= 7 ? 0 : Math.ceil((length - 7) / 6));

/** Child buckets of a table of `buckets` with those keys, under that `hash-seed`. */
function childBuckets(hashSeed: string, keys: number, keyBytes: number, buckets: number): number {
  const secret = createHash('sha256').update(hashSeed).digest().subarray(0, 16);
  const lengths = new Int32Array(buckets);
  for (let id = 0; id < keys; id++) {
    const { low } = sipHash(seededKey(id, keyBytes), secret, 1, 2);
    lengths[low & (buckets - 1)]++;
  }
  return lengths.reduce((sum, length) => sum + childrenOf(length), 0);
}

describe('Valkey 9.1 with its hash-seed set', () => {
  const build = MEMORY_BUILDS.find(({ profile }) => profile === 'valkey-9.1')!;
  const cells = goldenRows('memory_hash_seed.csv.gz');
  const predict = predictor(build);
  it(`child buckets and bytes of all ${cells.length} cells, nothing measured put in`, () => {
    assert.equal(cells.length, 24);
    for (const row of cells) {
      const children = childBuckets(
        row.hash_seed,
        Number(row.keys),
        Number(row.key_bytes),
        Number(row.buckets),
      );
      assert.equal(children, Number(row.child_buckets_keys), JSON.stringify(row));
      // The same hash in both tables: as many in the one for the TTLs.
      const chainBytes = 64 * children * (row.ttl === 'yes' ? 2 : 1);
      const measured = Number(row.used_memory_after) - Number(row.used_memory_before);
      const predicted = predict({ ...row, policy_group: 'noeviction' }) + chainBytes;
      assert.equal(predicted, measured, JSON.stringify(row));
    }
  });
});
