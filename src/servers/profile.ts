import type { ReplyBufferRules } from '../engine/reply-buffer.ts';
import type { TableKind } from '../keyspace/key-table.ts';
import type { StringLayout } from '../memory/string-layout.ts';
import type { Rounder } from '../memory/size-classes.ts';

/** Allocator builds, by how they round a request up (memory/size-classes.ts). */
export const ALLOCATORS = ['jemalloc-q8', 'jemalloc-q16', 'jemalloc-q16-pages', 'libc'] as const;
export type Allocator = (typeof ALLOCATORS)[number];

/** Microseconds of server time, measured on a real server: what its own time limits are spent on. */
export interface ServerCosts {
  /** One eviction: sampling, pool, delete. */
  readonly evictionUs: number;
  /** One key looked at by the active expire cycle. */
  readonly expireSampleUs: number;
  /** One key deleted by the active expire cycle, on top of looking at it. */
  readonly expireDeleteUs: number;
  /** Non-empty buckets that one timer tick moves of a large table (a millisecond's worth, give or take one). */
  readonly rehashBucketsPerTick: number;
}

/** The active expire cycle, where versions differ. */
export interface ExpireRules {
  /**
   * Which entries of the expires table a cycle looks at: `random` ones (and goes on while more than a quarter were
   * stale), bucket after bucket (`linear`), in the order of a `scan`, or of a scan that ends the cycle when a round is
   * complete (`one-round`).
   */
  readonly visiting: 'random' | 'linear' | 'scan' | 'one-round';
}

/** Commands, where versions differ. */
export interface CommandRules {
  /** SET NX and SET XX that write look the key up once more, which touches it twice. */
  readonly conditionalSetLooksUpTwice: boolean;
  /** SET with a TTL changes the TTL a key has; else the entry leaves the expires table and comes back as a new one. */
  readonly setMovesTtlInPlace: boolean;
  /** EXPIRE with a time that has passed counts as an expiration; else as a deletion. */
  readonly countsPastExpiry: boolean;
}

/** Commands that wait parsed are in memory with their arguments, and with a record each. */
export interface ParseAheadRules {
  /** Commands that are parsed at a time, at most. */
  readonly window: number;
  /** The records are an array, from `firstRecords` on doubled as needed, that is freed when all commands have run. */
  readonly recordBytes: number;
  readonly firstRecords: number;
}

/**
 * One server version, as data and small pure functions: everything in which versions differ. The engine reads it and
 * never asks for a version. A new version is one file and one registry line.
 */
export interface ServerProfile extends TableKind {
  /** `redis-7.0`, `valkey-8.1`. */
  readonly name: string;
  /** One sentence for `list servers`. */
  readonly summary: string;
  /** The release the model was checked against. */
  readonly version: string;
  /** Names of the policies it has, in the order of its own documentation. */
  readonly policies: readonly string[];
  readonly allocators: readonly Allocator[];
  /** What the project's own builds link. */
  readonly defaultAllocator: Allocator;
  /** `used_memory_startup`. */
  startupMemoryBytes(allocator: Allocator): number;
  /** What one connected, idle client adds. */
  idleClientBytes(allocator: Allocator): number;
  /** Upper end of `maxmemory-samples`. */
  readonly maxSamples: number;
  stringLayout(round: Rounder): StringLayout;
  /** Whether values 0 … 9999 may be stored as references to the server's shared integers. */
  readonly sharesIntegers: boolean;
  readonly expire: ExpireRules;
  readonly commands: CommandRules;
  /** The LRU clock is refreshed by the timer, or with the time of each command. */
  readonly lruClock: 'timer' | 'command';
  /**
   * Looking at a key to score it by its last access or its counter writes that back: part of an LFU decay period that has
   * passed is lost, and the key's page is copied if a child shares it.
   */
  readonly scoringStoresAccess: boolean;
  /** A sampling pass that finds no key at all fails the eviction, as if there were nothing to evict. */
  readonly emptySampleRefuses: boolean;
  /** How commands of a pipeline are parsed before the first of them runs; undefined = each when its turn comes. */
  readonly parseAhead: ParseAheadRules | undefined;
  /** Eviction stops after the time that `maxmemory-eviction-tenacity` grants; else it ends when memory is fine. */
  readonly limitsEvictionTime: boolean;
  /** A timer tick that has finished the main table's rehash goes on with the expires table's. */
  readonly timerRehashesBothTables: boolean;
  /** A table is not doubled while that would break the memory limit. */
  readonly refusesGrowthAtLimit: boolean;
  /** Writes that come while the append-only file is rewritten wait in memory; else they go to a file of their own. */
  readonly keepsWritesOfRewrite: boolean;
  /**
   * What a forked child does with a string it has saved, if its allocator is jemalloc: gives the whole pages of a large one
   * back to the system (`returns-pages`), or frees it (`frees`), whatever its size.
   */
  readonly childAfterSaving: 'keeps' | 'returns-pages' | 'frees';
  readonly replyBuffer: ReplyBufferRules;
  readonly costs: ServerCosts;
}
