import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { dictionaryEntryLayout } from '../memory/string-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_7_2,
  COSTS_OF_7_0,
  DICT_OF_7_0,
  EIGHT_POLICIES,
  RESIZED_REPLY_BUFFER,
  STRINGS_OF_7_2,
} from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/** Redis 7.2.6. Bytes: measured on the bundled (q8) build; start-up bytes of the others are taken to be the same. */
export const redis72 = {
  name: 'redis-7.2',
  summary: 'Redis 7.2 (checked against 7.2.6)',
  version: '7.2.6',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 866_184,
  idleClientBytes: () => 2362,
  maxSamples: 2 ** 31 - 1,
  ...dictionaryTables(DICT_OF_7_0),
  stringLayout: (round) => dictionaryEntryLayout(round, STRINGS_OF_7_2),
  sharesIntegers: true,
  expire: { visiting: 'scan' },
  commands: COMMANDS_OF_7_2,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  limitsEvictionTime: true,
  timerRehashesBothTables: false,
  refusesGrowthAtLimit: DICT_OF_7_0.growthVeto,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'returns-pages',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_0,
} satisfies ServerProfile;
