import type { ReplyBufferRules } from '../engine/reply-buffer.ts';
import type { DictRules } from '../keyspace/dict-rules.ts';
import type { DictionaryEntryRules } from '../memory/string-layout.ts';
import type { CommandRules, ServerCosts } from './profile.ts';

// What neighbouring versions share. A profile states which of these it has; none is a default.

/** The policies of all servers up to Redis 8.4 and Valkey 9.1. */
export const EIGHT_POLICIES = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
] as const;

/** Redis 7.0, 7.2 and Valkey 7.2. */
export const DICT_OF_7_0: DictRules = {
  samplesWholeChains: true,
  growthVeto: true,
  shrinks: 'timer',
  timerGrows: false,
  movesBucketLookedUp: false,
  firstKeyBytes: { main: 0, expires: 0 },
  nodeBytes: 0,
};

/** Redis 6.2. */
export const DICT_OF_6_2: DictRules = { ...DICT_OF_7_0, samplesWholeChains: false };

/** Redis 5.0 and 6.0. */
export const DICT_OF_5_0: DictRules = { ...DICT_OF_6_2, growthVeto: false };

/** Redis 7.4. */
export const DICT_OF_7_4: DictRules = {
  ...DICT_OF_7_0,
  shrinks: 'delete',
  timerGrows: true,
  movesBucketLookedUp: true,
  firstKeyBytes: { main: 64, expires: 64 },
};

/** Redis 8.0. A histogram of key sizes comes with the first key. */
export const DICT_OF_8_0: DictRules = {
  ...DICT_OF_7_4,
  firstKeyBytes: { main: 2560, expires: 64 },
};

/** Redis 8.6. */
export const DICT_OF_8_6: DictRules = { ...DICT_OF_8_0, nodeBytes: 16 };

/** Up to Redis 7.0. */
export const STRINGS_OF_5_0: DictionaryEntryRules = {
  copiesKeyFirst: true,
  keepsArgumentArrays: false,
};

/** Redis 7.2, 7.4 and Valkey 7.2. */
export const STRINGS_OF_7_2: DictionaryEntryRules = { ...STRINGS_OF_5_0, copiesKeyFirst: false };

/** Redis 8.0. */
export const STRINGS_OF_8_0: DictionaryEntryRules = {
  ...STRINGS_OF_7_2,
  keepsArgumentArrays: true,
};

/** Up to Redis 6.2. */
export const COMMANDS_OF_5_0: CommandRules = {
  conditionalSetLooksUpTwice: true,
  setMovesTtlInPlace: false,
  countsPastExpiry: false,
};

/** Redis 7.0. */
export const COMMANDS_OF_7_0: CommandRules = {
  conditionalSetLooksUpTwice: false,
  setMovesTtlInPlace: false,
  countsPastExpiry: false,
};

/** From Redis 7.2 and Valkey 7.2 on. */
export const COMMANDS_OF_7_2: CommandRules = {
  conditionalSetLooksUpTwice: false,
  setMovesTtlInPlace: true,
  countsPastExpiry: false,
};

/** All dictionary servers up to Redis 8.0 and Valkey 8.0. */
export const CLIENTS_AND_CLOCKS_TO_8_0 = {
  lruClock: 'timer',
  scoringStoresAccess: false,
  parseAhead: undefined,
  emptySampleRefuses: false,
} as const;

/** Up to Redis 6.2 the reply buffer is a part of the client, of one size. */
export const FIXED_REPLY_BUFFER: ReplyBufferRules = {
  resizes: false,
  smallestBytes: 16_384,
  largestBytes: 16_384,
  peakResetMs: 5000,
};

/** From Redis 7.0 on. */
export const RESIZED_REPLY_BUFFER: ReplyBufferRules = {
  resizes: true,
  smallestBytes: 1024,
  largestBytes: 16_384,
  peakResetMs: 5000,
};

/**
 * Measured on Debian's Redis 7.0.15, two virtual cores, 100-byte values: 215,000 evictions at once (allkeys-lru 1.96 µs,
 * lfu 1.73, random 1.12); expire_cycle_cpu_milliseconds over 500,000 keys; DEBUG HTSTATS during a rehash of 2^20. The
 * other dictionary servers do the same work.
 */
export const COSTS_OF_7_0: ServerCosts = {
  evictionUs: 1.9,
  expireSampleUs: 0.5,
  expireDeleteUs: 1.6,
  rehashBucketsPerTick: 1400,
};

/** From Redis 7.4 on the rehash of a tick ends after one millisecond; before, after one to two. */
export const COSTS_OF_7_4: ServerCosts = { ...COSTS_OF_7_0, rehashBucketsPerTick: 930 };
