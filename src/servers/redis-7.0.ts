import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { dictionaryEntryLayout } from '../memory/string-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_7_0,
  COSTS_OF_7_0,
  DICT_OF_7_0,
  EIGHT_POLICIES,
  RESIZED_REPLY_BUFFER,
  STRINGS_OF_5_0,
} from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/** Redis 7.0.15. Bytes: docs/model.md, measured on the bundled (q8) and on Debian's (q16) build. */
export const redis70 = {
  name: 'redis-7.0',
  summary: 'Redis 7.0 (checked against 7.0.15)',
  version: '7.0.15',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: (allocator) => (allocator === 'jemalloc-q8' ? 858_992 : 876_472),
  idleClientBytes: (allocator) => (allocator === 'jemalloc-q8' ? 2226 : 2258),
  maxSamples: 2 ** 31 - 1,
  ...dictionaryTables(DICT_OF_7_0),
  stringLayout: (round) => dictionaryEntryLayout(round, STRINGS_OF_5_0),
  sharesIntegers: true,
  expire: { visiting: 'linear' },
  commands: COMMANDS_OF_7_0,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  limitsEvictionTime: true,
  timerRehashesBothTables: false,
  refusesGrowthAtLimit: DICT_OF_7_0.growthVeto,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'returns-pages',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_0,
} satisfies ServerProfile;
