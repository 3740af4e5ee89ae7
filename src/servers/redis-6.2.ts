import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { dictionaryEntryLayout } from '../memory/string-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_5_0,
  COSTS_OF_7_0,
  DICT_OF_6_2,
  EIGHT_POLICIES,
  FIXED_REPLY_BUFFER,
  STRINGS_OF_5_0,
} from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/** Redis 6.2.16. Bytes: measured on the bundled (q8) build; start-up bytes of the others are taken to be the same. */
export const redis62 = {
  name: 'redis-6.2',
  summary: 'Redis 6.2 (checked against 6.2.16)',
  version: '6.2.16',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 812_224,
  idleClientBytes: () => 20_954,
  maxSamples: 2 ** 31 - 1,
  ...dictionaryTables(DICT_OF_6_2),
  stringLayout: (round) => dictionaryEntryLayout(round, STRINGS_OF_5_0),
  sharesIntegers: true,
  expire: { visiting: 'linear' },
  commands: COMMANDS_OF_5_0,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  limitsEvictionTime: true,
  timerRehashesBothTables: false,
  refusesGrowthAtLimit: DICT_OF_6_2.growthVeto,
  keepsWritesOfRewrite: true,
  childAfterSaving: 'keeps',
  replyBuffer: FIXED_REPLY_BUFFER,
  costs: COSTS_OF_7_0,
} satisfies ServerProfile;
