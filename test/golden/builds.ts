import type { GoldenBuild } from './hit-ratio.ts';

/** The measured builds whose servers have a profile. */
export const GOLDEN_BUILDS: readonly GoldenBuild[] = [
  { server: 'redis', version: '7.0.15', allocator: 'jemalloc-q16', profile: 'redis-7.0' },
  { server: 'redis', version: '7.0.15', allocator: 'jemalloc-q8', profile: 'redis-7.0' },
];
