import { bucketTables } from '../keyspace/bucket-tables.ts';
import { valkey81Layout } from '../memory/object-layout.ts';
import { COSTS_OF_7_4, EIGHT_POLICIES, RESIZED_REPLY_BUFFER } from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/**
 * Valkey 8.1. Bytes: measured on a distribution build, 8.1.1 (q16); start-up bytes of the others are taken to be the
 * same.
 */
export const valkey81 = {
  name: 'valkey-8.1',
  summary: 'Valkey 8.1 (checked against 8.1.1)',
  version: '8.1.1',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 892_504,
  idleClientBytes: () => 1834,
  maxSamples: 64,
  ...bucketTables({
    drawsBucketsAlone: false,
    rehashesLeanly: false,
    compactsAfterScan: false,
    headerBytes: 88,
  }),
  stringLayout: valkey81Layout,
  sharesIntegers: false,
  expire: { visiting: 'one-round' },
  commands: { conditionalSetLooksUpTwice: false, setMovesTtlInPlace: true, countsPastExpiry: true },
  lruClock: 'timer',
  scoringStoresAccess: false,
  parseAhead: undefined,
  emptySampleRefuses: false,
  limitsEvictionTime: true,
  timerRehashesBothTables: true,
  refusesGrowthAtLimit: true,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'frees',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_4,
} satisfies ServerProfile;
