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
  { server: 'valkey', version: '8.0.1', allocator: 'jemalloc-q8', profile: 'valkey-8.0' },
];
