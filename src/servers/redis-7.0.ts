import { chainedDictBytes } from '../keyspace/chained-dict.ts';
import { dictionaryEntryLayout } from '../memory/string-layout.ts';
import type { ServerProfile } from './profile.ts';

/** Redis 7.0.15. Bytes: docs/model.md, measured on the bundled (q8) and on Debian's (q16) build. */
export const redis70 = {
  name: 'redis-7.0',
  summary: 'Redis 7.0 (checked against 7.0.15)',
  version: '7.0.15',
  policies: [
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'noeviction',
  ],
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: (allocator) => (allocator === 'jemalloc-q8' ? 858_992 : 876_472),
  idleClientBytes: (allocator) => (allocator === 'jemalloc-q8' ? 2226 : 2258),
  maxSamples: 2 ** 31 - 1,
  stringLayout: dictionaryEntryLayout,
  tableBytes: chainedDictBytes,
  sharesIntegers: true,
  expire: { visiting: 'linear' },
  replyBuffer: { resizes: true, smallestBytes: 1024, largestBytes: 16_384, peakResetMs: 5000 },
  costs: { evictionUs: 1.6, expireSampleUs: 0.1, expireDeleteUs: 1, rehashBucketsPerMs: 20_000 },
} satisfies ServerProfile;
