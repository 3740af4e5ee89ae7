import * as keyFlags from '../keyspace/key-flags.ts';
import type { KeyRecords } from '../keyspace/key-records.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Policy, ServerClock } from '../policies/policy.ts';
import * as operations from '../trace/operations.ts';
import type { TraceRows } from '../trace/trace.ts';
import type { CommandMemory } from './command-memory.ts';
import type { CommandQueue } from './command-queue.ts';
import type { EngineCounters } from './counters.ts';
import { bulkReplyBytes as bytesOfReply } from './replies.ts';
import type { ReplyBuffer } from './reply-buffer.ts';

const { INTEGER, NO_SLOT, VOLATILE } = keyFlags;
const { GET } = operations;
const bulkReplyBytes = bytesOfReply;

/** What GETs of a replay came to, in batches of `pipeline` rows at most. */
export class Lookups {
  /** Rows of the batch that missed: the first `missed` of them. */
  readonly missedRows: Int32Array;
  missed = 0;
  /** Slots of the rows that hit: those that the policy has yet to hear of. */
  readonly hitSlots: Int32Array;
  /** The slots of a run's keys, row by row, NO_SLOT for those that miss. */
  readonly slots: Int32Array;
  /** Value bytes of the rows that hit, and of all, since the start. */
  hitBytes = 0;
  lookupBytes = 0;

  constructor(pipeline: number) {
    this.missedRows = new Int32Array(pipeline);
    this.hitSlots = new Int32Array(pipeline);
    this.slots = new Int32Array(pipeline);
  }
}

/** What reads work on. */
interface Parts {
  readonly keyspace: Keyspace;
  readonly account: MemoryAccount;
  readonly memory: CommandMemory;
  readonly clock: ServerClock;
  readonly policy: Policy;
  readonly counters: EngineCounters;
  readonly parsed: CommandQueue;
  readonly replies: ReplyBuffer;
}

/**
 * GETs in a row, which most requests are. Nearly all of them find memory below its limit, no table on the move and a key
 * that has not expired; such a plain GET changes nothing but its key's stamp and some sums, which are at hand from one to
 * the next here. Others are left to {@link Engine.get}, which does the same to plain ones, one by one.
 */
export class Reads {
  private readonly parts: Parts;
  private readonly records: KeyRecords;
  private readonly longestGet: number;
  /** Bytes of the arguments of the GETs that {@link fitting} found. */
  private argumentBytes = 0;
  /** Of no use, but that the compiler can't leave out what it is made of. */
  foreseen = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    this.records = parts.keyspace.records;
    this.longestGet = parts.memory.longestGet;
  }

  /**
   * Replays rows from `first` on, up to `last` (excluded) or the first that is no plain GET; returns the row after them.
   * Several short loops instead of one: the first has nothing to do but to wait for the memory of all rows at once.
   */
  run(trace: TraceRows, first: number, last: number, lookups: Lookups): number {
    const { keyspace, account, policy, counters, parsed, replies } = this.parts;
    if (keyspace.isRehashing) return first;
    const { slots } = lookups;
    let count = this.find(trace, first, last, slots);
    const waits = parsed.window > 0;
    const limit = policy.hasVictims === undefined || policy.hasVictims() ? account.limit : Infinity;
    if (waits || account.used + this.longestGet > limit) {
      count = this.fitting(trace.keys, first, count, limit, waits);
    }
    if (count === 0) return first;
    const replyBytes = this.replyBytes(slots, count);
    if (replyBytes > replies.spare) return first;
    const highest = waits ? account.used - this.parts.memory.get(trace.keys[first]) : account.used;
    if (highest > account.peak) account.peak = highest;
    if (waits) parsed.takeAll(count, this.argumentBytes);
    replies.add(replyBytes);
    const hits = this.partition(trace.valueBytes, first, count, lookups);
    counters.hits += hits;
    counters.misses += count - hits;
    if (policy.onHits !== undefined) policy.onHits(lookups.hitSlots, hits);
    else this.tellOneByOne(slots, first, count);
    return first + count;
  }

  private tellOneByOne(slots: Int32Array, first: number, count: number): void {
    const { clock, policy } = this.parts;
    for (let i = 0; i < count; i++) {
      if (slots[i] === NO_SLOT) continue;
      clock.row = first + i;
      policy.onHit(slots[i]);
    }
  }

  /**
   * Looks up the keys of plain GETs from row `first` on; how many there are. A replay waits here for memory more than
   * anywhere else, so all that is needed of their records is read at once.
   */
  private find(trace: TraceRows, first: number, last: number, slots: Int32Array): number {
    const { ops, keys } = trace;
    const { directory, meta, values } = this.records;
    let flags = 0;
    let sum = 0;
    let row = first;
    for (; row < last && ops[row] === GET; row++) {
      const slot = directory[keys[row]];
      slots[row - first] = slot;
      flags |= meta[slot];
      sum = (sum + values[slot]) | 0;
    }
    this.foreseen = sum;
    const count = row - first;
    return (flags & (VOLATILE | INTEGER)) === 0 ? count : this.plain(slots, count);
  }

  /** How many of the slots, from the first on, hold strings that have not expired. */
  private plain(slots: Int32Array, count: number): number {
    const { meta, expiresAtMs } = this.records;
    const { nowMs } = this.parts.clock;
    for (let i = 0; i < count; i++) {
      const flags = meta[slots[i]];
      if ((flags & INTEGER) !== 0) return i;
      if ((flags & VOLATILE) !== 0 && nowMs > expiresAtMs[slots[i]]) return i;
    }
    return count;
  }

  /** For how many of the GETs from row `first` on no key has to go. Leaves their arguments' bytes in `argumentBytes`. */
  private fitting(
    keys: Uint32Array,
    first: number,
    count: number,
    limit: number,
    waits: boolean,
  ): number {
    const { account, memory } = this.parts;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const bytes = memory.get(keys[first + i]);
      if (account.used + (waits ? -sum : bytes) > limit) {
        this.argumentBytes = sum;
        return i;
      }
      sum += bytes;
    }
    this.argumentBytes = sum;
    return count;
  }

  private replyBytes(slots: Int32Array, count: number): number {
    const { values } = this.records;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i];
      // Whether it hits is nobody's guess, so there is no question: an empty bulk is a byte longer than a miss's reply.
      sum += bulkReplyBytes(values[slot]) - isAbsent(slot);
    }
    return sum;
  }

  /** Tells hits from misses; how many hits there are. */
  private partition(
    valueBytes: Uint32Array,
    first: number,
    count: number,
    lookups: Lookups,
  ): number {
    const { slots, hitSlots, missedRows } = lookups;
    let { missed } = lookups;
    let hits = 0;
    let hitBytes = 0;
    let lookupBytes = 0;
    for (let i = 0; i < count; i++) {
      const row = first + i;
      const slot = slots[i];
      const absent = isAbsent(slot);
      const size = valueBytes[row];
      missedRows[missed] = row;
      missed = (missed + absent) | 0;
      hitSlots[hits] = slot;
      hits = (hits + 1 - absent) | 0;
      hitBytes += size & (absent - 1);
      lookupBytes += size;
    }
    lookups.missed = missed;
    lookups.hitBytes += hitBytes;
    lookups.lookupBytes += lookupBytes;
    return hits;
  }
}

/** 1 for NO_SLOT, which is 0; 0 for every other slot. */
function isAbsent(slot: number): number {
  return (slot - 1) >>> 31;
}
