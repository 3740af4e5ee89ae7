import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { dictionaryEntryLayout } from '../memory/string-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_7_2,
  COSTS_OF_7_4,
  DICT_OF_7_4,
  EIGHT_POLICIES,
  RESIZED_REPLY_BUFFER,
  STRINGS_OF_7_2,
} from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/** Redis 7.4.1. Bytes: measured on the bundled (q8) build; start-up bytes of the others are taken to be the same. */
export const redis74 = {
  name: 'redis-7.4',
  summary: 'Redis 7.4 (checked against 7.4.1)',
  version: '7.4.1',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 946_536,
  idleClientBytes: () => 2362,
  maxSamples: 64,
  ...dictionaryTables(DICT_OF_7_4),
  stringLayout: (round) => dictionaryEntryLayout(round, STRINGS_OF_7_2),
  sharesIntegers: true,
  expire: { visiting: 'one-round' },
  commands: COMMANDS_OF_7_2,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  limitsEvictionTime: true,
  timerRehashesBothTables: true,
  refusesGrowthAtLimit: DICT_OF_7_4.growthVeto,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'returns-pages',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_4,
} satisfies ServerProfile;
