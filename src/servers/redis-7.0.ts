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
  // Measured on Debian's 7.0.15, two virtual cores, 100-byte values: 215,000 evictions at once (allkeys-lru 1.96 µs,
  // lfu 1.73, random 1.12); expire_cycle_cpu_milliseconds over 500,000 keys; DEBUG HTSTATS during a rehash of 2^20.
  costs: { evictionUs: 1.9, expireSampleUs: 0.5, expireDeleteUs: 1.6, rehashBucketsPerTick: 1400 },
} satisfies ServerProfile;
