import { bucketTables } from '../keyspace/bucket-tables.ts';
import { valkey91Layout } from '../memory/object-layout.ts';
import { COSTS_OF_7_4, EIGHT_POLICIES, RESIZED_REPLY_BUFFER } from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/**
 * Valkey 9.1. Bytes: measured on a distribution build, 9.1.2 (q16-pages); start-up bytes of the others are taken to be the
 * same.
 */
export const valkey91 = {
  name: 'valkey-9.1',
  summary: 'Valkey 9.1 (checked against 9.1.2)',
  version: '9.1.2',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 922_088,
  idleClientBytes: () => 1834,
  maxSamples: 64,
  ...bucketTables({
    drawsBucketsAlone: true,
    rehashesLeanly: true,
    compactsAfterScan: true,
    headerBytes: 88,
  }),
  stringLayout: valkey91Layout,
  sharesIntegers: false,
  expire: { visiting: 'one-round' },
  commands: { conditionalSetLooksUpTwice: false, setMovesTtlInPlace: true, countsPastExpiry: true },
  lruClock: 'command',
  scoringStoresAccess: true,
  parseAhead: { window: Infinity, recordBytes: 48, firstRecords: 16 },
  emptySampleRefuses: false,
  limitsEvictionTime: true,
  timerRehashesBothTables: true,
  refusesGrowthAtLimit: true,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'frees',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_4,
} satisfies ServerProfile;
