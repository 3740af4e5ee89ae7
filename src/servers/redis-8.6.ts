import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { redis86Layout } from '../memory/object-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_7_2,
  COSTS_OF_7_4,
  DICT_OF_8_6,
  RESIZED_REPLY_BUFFER,
} from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/** Redis 8.6.3. Bytes: measured on a distribution build (q16-pages); start-up bytes of the others are taken to be the same. */
export const redis86 = {
  name: 'redis-8.6',
  summary: 'Redis 8.6 (checked against 8.6.3)',
  version: '8.6.3',
  policies: [
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
    'volatile-lrm',
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'allkeys-lrm',
    'noeviction',
  ],
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 716_616,
  idleClientBytes: () => 2794,
  maxSamples: 64,
  ...dictionaryTables(DICT_OF_8_6),
  stringLayout: redis86Layout,
  sharesIntegers: false,
  expire: { visiting: 'one-round' },
  commands: COMMANDS_OF_7_2,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  // Its records are kept for the next commands: they count as the client's.
  parseAhead: { window: 16, recordBytes: 0, firstRecords: 16 },
  emptySampleRefuses: true,
  limitsEvictionTime: true,
  timerRehashesBothTables: true,
  refusesGrowthAtLimit: DICT_OF_8_6.growthVeto,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'returns-pages',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_4,
} satisfies ServerProfile;
