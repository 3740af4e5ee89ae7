import type { Allocator } from '../../src/servers/profile.ts';
import type { GoldenBuild } from './hit-ratio.ts';

/** The measured builds whose servers have a profile. */
export const GOLDEN_BUILDS: readonly GoldenBuild[] = [
  { server: 'redis', version: '5.0.7', allocator: 'jemalloc-q8', profile: 'redis-5.0' },
  { server: 'redis', version: '6.2.16', allocator: 'jemalloc-q8', profile: 'redis-6.2' },
  { server: 'redis', version: '7.0.15', allocator: 'jemalloc-q16', profile: 'redis-7.0' },
  { server: 'redis', version: '7.0.15', allocator: 'jemalloc-q8', profile: 'redis-7.0' },
  { server: 'redis', version: '7.2.6', allocator: 'jemalloc-q8', profile: 'redis-7.2' },
  { server: 'redis', version: '7.4.1', allocator: 'jemalloc-q8', profile: 'redis-7.4' },
  {
    server: 'redis',
    version: '8.0.6',
    allocator: 'jemalloc-q16-pages',
    markedAs: 'jemalloc-q16',
    profile: 'redis-8.0',
  },
  { server: 'redis', version: '8.6.3', allocator: 'jemalloc-q16-pages', profile: 'redis-8.6' },
  { server: 'valkey', version: '8.0.1', allocator: 'jemalloc-q8', profile: 'valkey-8.0' },
  { server: 'valkey', version: '8.1.1', allocator: 'jemalloc-q16', profile: 'valkey-8.1' },
  {
    server: 'valkey',
    version: '9.1.2',
    allocator: 'jemalloc-q16-pages',
    markedAs: 'jemalloc-q16',
    profile: 'valkey-9.1',
  },
];

/** A build as the measurements of memory name it, and what models it. */
export interface MemoryBuild {
  readonly server: string;
  readonly version: string;
  /** The allocator's name in the files. */
  readonly measured: string;
  readonly allocator: Allocator;
  readonly profile: string;
  /**
   * What the first key and the first TTL took beyond the table's array, where that is not what the profile says of a
   * server that was never used: the measured ones had been filled and emptied before.
   */
  readonly firstKeyBytes?: { readonly main: number; readonly expires: number };
  /** Bytes of the array of a table with one key; 32 where nothing is said. */
  readonly firstArrayBytes?: number;
  /** What was measured of what keys cost by how they hash. */
  readonly chains?: MeasuredChains;
  /** How many cells of memory.csv there are; 1668 where nothing is said. */
  readonly cells?: number;
}

/** Child buckets or nodes, counted on the server in every cell of memory.csv. */
export interface MeasuredChains {
  readonly file: string;
  readonly main: string;
  readonly expires: string;
  readonly bytesEach: number;
  /** Standard deviation over hash seeds with `keys` keys in one table. */
  spread(keys: number): number;
}

const CHILD_BUCKETS: MeasuredChains = {
  file: 'memory_child_buckets.csv.gz',
  main: 'child_buckets_keys',
  expires: 'child_buckets_expires',
  bytesEach: 64,
  spread(keys) {
    const buckets = 2 ** Math.floor(Math.log2(keys / 7) + 1);
    // A bucket has up to 40 keys, with chances of Poisson; k > 7 keys have (k - 7) / 6 children, rounded up.
    return Math.sqrt(buckets * varianceOverBuckets(keys / buckets, (k) => Math.ceil((k - 7) / 6)));
  },
};

const NODES: MeasuredChains = {
  file: 'memory_chained_entries.csv.gz',
  main: 'chained_keys',
  expires: 'chained_expires',
  bytesEach: 16,
  spread(keys) {
    const buckets = 2 ** Math.floor(Math.log2(keys) + 1);
    return Math.sqrt(buckets * varianceOverBuckets(keys / buckets, (k) => k - 1));
  },
};

/** Variance of max(0, cost of a bucket's keys), given that the keys of all buckets are as many as they are. */
function varianceOverBuckets(load: number, cost: (keys: number) => number): number {
  let chance = Math.exp(-load);
  let [mean, square, withKeys] = [0, 0, 0];
  for (let k = 1; k < 60; k++) {
    chance *= load / k;
    const c = Math.max(0, cost(k));
    mean += chance * c;
    square += chance * c * c;
    withKeys += chance * c * k;
  }
  const covariance = withKeys - mean * load;
  return square - mean * mean - (covariance * covariance) / load;
}

const BUNDLED_5_1 = { measured: 'jemalloc-5.1.0-bundled-q8', allocator: 'jemalloc-q8' } as const;
const BUNDLED_5_3 = { measured: 'jemalloc-5.3.0-bundled-q8', allocator: 'jemalloc-q8' } as const;
const SYSTEM_5_3 = { measured: 'jemalloc-5.3.0-system-q16', allocator: 'jemalloc-q16' } as const;
const SYSTEM_5_3_1 = {
  measured: 'jemalloc-5.3.1-system-q16',
  allocator: 'jemalloc-q16-pages',
} as const;
const EMPTIED_BUCKET_TABLES = {
  // An emptied table keeps itself and a bucket, which the level before the load held already.
  firstKeyBytes: { main: -64, expires: -64 },
  firstArrayBytes: 64,
  chains: CHILD_BUCKETS,
  cells: 3740,
} as const;

/** The builds whose bytes were measured and whose servers have a profile. */
export const MEMORY_BUILDS: readonly MemoryBuild[] = [
  { server: 'redis', version: '5.0.7', ...BUNDLED_5_1, profile: 'redis-5.0' },
  { server: 'redis', version: '6.0.16', ...BUNDLED_5_1, profile: 'redis-6.0' },
  { server: 'redis', version: '6.2.16', ...BUNDLED_5_1, profile: 'redis-6.2' },
  {
    server: 'redis',
    version: '7.0.15',
    measured: 'jemalloc-5.2.1-bundled-q8',
    allocator: 'jemalloc-q8',
    profile: 'redis-7.0',
  },
  { server: 'redis', version: '7.0.15', ...SYSTEM_5_3, profile: 'redis-7.0' },
  { server: 'redis', version: '7.2.6', ...BUNDLED_5_3, profile: 'redis-7.2' },
  { server: 'redis', version: '7.4.1', ...BUNDLED_5_3, profile: 'redis-7.4' },
  {
    server: 'redis',
    version: '8.0-m01',
    ...BUNDLED_5_3,
    profile: 'redis-8.0',
    // The milestone had no histogram of key sizes yet.
    firstKeyBytes: { main: 64, expires: 64 },
  },
  { server: 'redis', version: '8.0.2', ...SYSTEM_5_3, profile: 'redis-8.0' },
  {
    server: 'redis',
    version: '8.0.6',
    measured: 'jemalloc-5.3.1-system-q16',
    allocator: 'jemalloc-q16-pages',
    profile: 'redis-8.0',
  },
  { server: 'valkey', version: '7.2.7', ...BUNDLED_5_3, profile: 'valkey-7.2' },
  {
    server: 'valkey',
    version: '8.0.1',
    ...BUNDLED_5_3,
    profile: 'valkey-8.0',
    // An emptied keyspace keeps its dictionaries.
    firstKeyBytes: { main: 0, expires: 0 },
  },
  {
    server: 'redis',
    version: '8.6.3',
    ...SYSTEM_5_3_1,
    profile: 'redis-8.6',
    chains: NODES,
    cells: 4074,
  },
  {
    server: 'valkey',
    version: '8.1.1',
    ...SYSTEM_5_3,
    profile: 'valkey-8.1',
    ...EMPTIED_BUCKET_TABLES,
  },
  {
    server: 'valkey',
    version: '9.1.2',
    ...SYSTEM_5_3_1,
    profile: 'valkey-9.1',
    ...EMPTIED_BUCKET_TABLES,
  },
];
