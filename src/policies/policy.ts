import type { KeyRecords } from '../keyspace/key-records.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { ServerProfile } from '../servers/profile.ts';
import type { Trace } from '../trace/trace.ts';

/** What {@link Policy.chooseVictim} answers when it has no candidate. */
export const NO_VICTIM = -1;

/** Why a key left: told to policies that remember who they evicted. */
export const REMOVED_BY_EVICTION = 0;
export const REMOVED_BY_EXPIRY = 1;
export const REMOVED_BY_COMMAND = 2;
export type RemovalReason = 0 | 1 | 2;

/** Settings of the eviction policies, named as in redis.conf. */
export interface PolicySettings {
  /** `maxmemory-samples`: candidates drawn per eviction. */
  readonly maxmemorySamples: number;
  readonly lfuLogFactor: number;
  /** Minutes per decay step; 0 = never. */
  readonly lfuDecayTime: number;
}

/** The server's view of time, advanced by the engine; a policy reads it and never sets it. */
export interface ServerClock {
  /** Unix time of the running command, ms. */
  nowMs: number;
  /** The cached 24-bit LRU clock, whole seconds. */
  lruSeconds: number;
  /** Minutes since the epoch mod 2^16, for LFU. */
  lfuMinutes: number;
  /** The trace row being replayed, for policies that know the future. */
  row: number;
}

/** Everything a policy may look at; only the engine writes to it. */
export interface PolicyContext {
  readonly keyspace: Keyspace;
  readonly records: KeyRecords;
  readonly clock: ServerClock;
  readonly settings: PolicySettings;
  readonly profile: ServerProfile;
  /** Hears which keys a sampling pass has scored: the first `count` slots. */
  readonly onScored?: (slots: Int32Array, count: number) => void;
  /** The whole trace, for Belady's optimum; absent when the engine serves live commands. */
  readonly trace?: Trace;
}

/**
 * Which key goes next. The engine owns residency, bytes, expiry and every count; a policy owns order alone. The engine
 * calls `onHit` for each touching lookup of a resident key, `onInsert` once a key is resident, `onRemove` just before
 * it stops being so, and `chooseVictim` while memory is over the limit. Resident keys go by their slots in the records; a
 * slot may be another key's once its key is gone.
 */
export interface Policy {
  onHit(slot: number): void;
  /** {@link onHit} of each of the first `count` slots, looked up at the same moment; left out where it matters in which row. */
  onHits?(slots: Int32Array, count: number): void;
  onInsert(slot: number): void;
  /** A command has changed a resident key: its value or its TTL. */
  onModify?(slot: number): void;
  onRemove(slot: number, reason: RemovalReason): void;
  /** The slot of a resident key, or NO_VICTIM. Must not change residency itself. */
  chooseVictim(): number;
  /** Whether {@link chooseVictim} has any key to choose from, now; left out by policies that have all. */
  hasVictims?(): boolean;
  /** Throws InvariantError when its own structures disagree with the keyspace. O(n); tests only. */
  checkInvariants?(): void;
}

/** A policy as the registry lists it: one file, one registry line. */
export interface PolicyDefinition {
  /** The server's own name (`allkeys-lru`) or the paper's (`s3-fifo`). */
  readonly name: string;
  /** `server`: one of the server's own; `reference`: what another algorithm would do with the same memory. */
  readonly family: 'server' | 'reference';
  /** One sentence for `list policies` and the README. */
  readonly summary: string;
  /** Where the algorithm is specified. */
  readonly source: string;
  /** True when only keys with a TTL can be victims. */
  readonly volatileOnly: boolean;
  /** True for the policies under which the server gives every value its own object, so that small integers cost memory. */
  readonly needsOwnValueObjects: boolean;
  /** True for policies that look ahead in the trace, beyond what is replayed; none of a server can. */
  readonly foreseesTrace?: boolean;
  create(context: PolicyContext): Policy;
}
