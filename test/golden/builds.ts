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
  { server: 'redis', version: '8.0.6', allocator: 'jemalloc-q16', profile: 'redis-8.0' },
  { server: 'redis', version: '8.6.3', allocator: 'jemalloc-q16-pages', profile: 'redis-8.6' },
  { server: 'valkey', version: '8.0.1', allocator: 'jemalloc-q8', profile: 'valkey-8.0' },
  { server: 'valkey', version: '8.1.1', allocator: 'jemalloc-q16', profile: 'valkey-8.1' },
  // Really a jemalloc-q16-pages build; with the values of the traces that makes no difference.
  { server: 'valkey', version: '9.1.2', allocator: 'jemalloc-q16', profile: 'valkey-9.1' },
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
}

const BUNDLED_5_1 = { measured: 'jemalloc-5.1.0-bundled-q8', allocator: 'jemalloc-q8' } as const;
const BUNDLED_5_3 = { measured: 'jemalloc-5.3.0-bundled-q8', allocator: 'jemalloc-q8' } as const;
const SYSTEM_5_3 = { measured: 'jemalloc-5.3.0-system-q16', allocator: 'jemalloc-q16' } as const;

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
];
