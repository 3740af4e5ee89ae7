import { dictionaryTables } from '../keyspace/dictionary-tables.ts';
import { embeddedKeyLayout } from '../memory/string-layout.ts';
import {
  CLIENTS_AND_CLOCKS_TO_8_0,
  COMMANDS_OF_7_2,
  COSTS_OF_7_4,
  DICT_OF_7_4,
  EIGHT_POLICIES,
  RESIZED_REPLY_BUFFER,
} from './dictionary-servers.ts';
import type { ServerProfile } from './profile.ts';

/** Valkey 8.0.1: the dictionary of Redis 7.4, with the names in its entries. Bytes: measured on the bundled (q8) build; start-up bytes of the others are taken to be the same. */
export const valkey80 = {
  name: 'valkey-8.0',
  summary: 'Valkey 8.0 (checked against 8.0.1)',
  version: '8.0.1',
  policies: EIGHT_POLICIES,
  allocators: ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'],
  defaultAllocator: 'jemalloc-q8',
  startupMemoryBytes: () => 912_312,
  idleClientBytes: () => 2354,
  maxSamples: 64,
  ...dictionaryTables({
    ...DICT_OF_7_4,
    firstKeyBytes: { main: 80, expires: 80 },
  }),
  stringLayout: embeddedKeyLayout,
  sharesIntegers: true,
  expire: { visiting: 'one-round' },
  commands: COMMANDS_OF_7_2,
  ...CLIENTS_AND_CLOCKS_TO_8_0,
  limitsEvictionTime: true,
  timerRehashesBothTables: true,
  refusesGrowthAtLimit: true,
  keepsWritesOfRewrite: false,
  childAfterSaving: 'returns-pages',
  replyBuffer: RESIZED_REPLY_BUFFER,
  costs: COSTS_OF_7_4,
} satisfies ServerProfile;
