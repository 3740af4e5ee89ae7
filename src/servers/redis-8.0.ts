import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { dictionaryEntryLayout } from '../memory/string-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_7_2,
  COSTS_OF_7_4,
  DICT_OF_8_0,
  EIGHT_POLICIES,
  RESIZED_REPLY_BUFFER,
  STRINGS_OF_8_0,
} from './dictionary-servers.ts';
import type { Allocator, ServerProfile } from './profile.ts';

const STARTUP_BYTES: Readonly<Record<Allocator, number>> = {
  'jemalloc-q8': 657_500,
  'jemalloc-q16': 670_848,
  'jemalloc-q16-pages': 662_720,
  libc: 670_848,
};

/**
 * Redis 8.0. Bytes: measured on distribution builds, 8.0.2 (q16) and 8.0.6 (q16-pages). The start-up bytes of the bundled
 * build (q8) are those of q16 less the 2 % by which the two differ on 7.0.
 */
export const redis80 = {
  name: 'redis-8.0',
  summary: 'Redis 8.0 (checked against 8.0.2 and 8.0.6)',
  version: '8.0.6',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: (allocator) => STARTUP_BYTES[allocator],
  idleClientBytes: (allocator) => (allocator === 'jemalloc-q8' ? 2354 : 2410),
  maxSamples: 64,
  ...dictionaryTables(DICT_OF_8_0),
  stringLayout: (round) => dictionaryEntryLayout(round, STRINGS_OF_8_0),
  sharesIntegers: true,
  expire: { visiting: 'one-round' },
  commands: COMMANDS_OF_7_2,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  limitsEvictionTime: true,
  timerRehashesBothTables: true,
  refusesGrowthAtLimit: DICT_OF_8_0.growthVeto,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'returns-pages',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_4,
} satisfies ServerProfile;
