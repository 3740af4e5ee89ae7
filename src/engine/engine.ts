import { InvariantError } from '../errors.ts';
import { ChainedDict } from '../keyspace/chained-dict.ts';
import {
  EXPIRES_LINK,
  INTEGER,
  KeyRecords,
  MAIN_LINK,
  RECORD_SHIFT,
  RESIDENT,
  VALUE,
  VOLATILE,
} from '../keyspace/key-records.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { MemoryAccount } from '../memory/account.ts';
import { rounderOf } from '../memory/size-classes.ts';
import {
  type Policy,
  REMOVED_BY_COMMAND,
  REMOVED_BY_EVICTION,
  REMOVED_BY_EXPIRY,
  type RemovalReason,
  type ServerClock,
} from '../policies/policy.ts';
import { Random } from '../random.ts';
import type { Trace } from '../trace/trace.ts';
import { ActiveExpire } from './active-expire.ts';
import { CommandMemory } from './command-memory.ts';
import { Eviction, evictionTimeLimitUs, OUT_OF_MEMORY } from './eviction.ts';
import type { EngineSettings } from './settings.ts';

/** A TTL argument that means "no TTL". */
export const NEVER = Infinity;

/** Which keys a SET may write, and what becomes of a TTL. */
export const SET_ALWAYS = 0;
export const SET_IF_ABSENT = 1;
export const SET_IF_PRESENT = 2;
export const SET_KEEPING_TTL = 3;
export type SetMode = 0 | 1 | 2 | 3;

const LRU_CLOCK_MASK = 0xff_ffff;
const LFU_MINUTES_MASK = 0xffff;

/** Everything the engine counts. stored = resident + evicted + expired + deleted + overwritten, always. */
export interface EngineCounters {
  hits: number;
  misses: number;
  evictedKeys: number;
  expiredKeys: number;
  oomErrors: number;
  /** Writes that gave a key a new value object (SET, INCR of an absent key). */
  storedValues: number;
  overwrittenValues: number;
  deletedKeys: number;
}

/**
 * A server with one database of string keys, as far as eviction can tell: it holds what is resident, what it costs,
 * when it expires and what was counted. Commands act on dense key ids at the time set by {@link Engine.advanceTo};
 * each first makes room as the server does. Replays and live connections drive the same engine.
 */
export class Engine {
  readonly counters: EngineCounters = {
    hits: 0,
    misses: 0,
    evictedKeys: 0,
    expiredKeys: 0,
    oomErrors: 0,
    storedValues: 0,
    overwrittenValues: 0,
    deletedKeys: 0,
  };
  readonly account: MemoryAccount;
  readonly keyspace: Keyspace;
  readonly clock: ServerClock = { nowMs: 0, lruSeconds: 0, lfuMinutes: 0, row: 0 };
  readonly policy: Policy;
  private readonly settings: EngineSettings;
  private readonly records: KeyRecords;
  private readonly words: Int32Array;
  private readonly memory: CommandMemory;
  private readonly eviction: Eviction;
  private readonly activeExpire: ActiveExpire;
  private readonly cronPeriodMs: number;
  private nextCronMs: number;

  /**
   * `keyBytes`: per key id, the length of its name. `startMs`: unix time at which the server starts. `trace` lets
   * policies look into the future.
   */
  constructor(settings: EngineSettings, keyBytes: Uint32Array, startMs: number, trace?: Trace) {
    const { profile, policy } = settings;
    const round = rounderOf(settings.allocator);
    const dice = new Random(settings.seed, 'server');
    const hashSeed = dice.uint32();
    this.settings = settings;
    this.account = new MemoryAccount(settings.baseBytes, settings.maxmemoryBytes);
    this.records = new KeyRecords(keyBytes.length);
    this.words = this.records.words;
    const table = (link: number): ChainedDict =>
      new ChainedDict(this.records, link, hashSeed, dice, this.account, round);
    this.keyspace = new Keyspace(this.records, table(MAIN_LINK), table(EXPIRES_LINK), this.account);
    const sharesIntegers =
      profile.sharesIntegers && (settings.maxmemoryBytes === 0 || !policy.needsOwnValueObjects);
    this.memory = new CommandMemory(profile.stringLayout(round), keyBytes, sharesIntegers);
    this.policy = policy.create({
      keyspace: this.keyspace,
      records: this.records,
      clock: this.clock,
      random: dice,
      settings,
      profile,
      ...(trace && { trace }),
    });
    const timeStandsStill = settings.serverTime === 'none';
    this.eviction = new Eviction(
      this.account,
      this.policy,
      (id) => {
        this.counters.evictedKeys++;
        this.drop(id, REMOVED_BY_EVICTION);
      },
      evictionTimeLimitUs(settings.evictionTenacity),
      timeStandsStill ? 0 : profile.costs.evictionUs,
    );
    this.activeExpire = new ActiveExpire(
      this.records,
      this.keyspace.expires,
      (id) => {
        this.expireKey(id);
      },
      {
        effort: settings.activeExpireEffort,
        hz: settings.hz,
        costs: profile.costs,
        timeStandsStill,
      },
    );
    this.cronPeriodMs = 1000 / settings.hz;
    this.setTime(startMs);
    this.clock.lruSeconds = Math.floor(startMs / 1000) & LRU_CLOCK_MASK;
    // The phase of the server's timer against the trace is chance.
    this.nextCronMs = startMs + dice.float() * this.cronPeriodMs;
  }

  /** Moves the server's clock to `nowMs` (unix, never back), running its timer on the way. */
  advanceTo(nowMs: number): void {
    if (nowMs === this.clock.nowMs) return;
    this.eviction.betweenCommands((nowMs - this.clock.nowMs) * 1000);
    if (nowMs >= this.nextCronMs) this.runCrons(nowMs);
    this.setTime(nowMs);
    if (this.activeExpire.hitTimeLimit) this.activeExpire.fast(nowMs);
  }

  private setTime(nowMs: number): void {
    this.clock.nowMs = nowMs;
    this.clock.lfuMinutes = Math.floor(nowMs / 60_000) & LFU_MINUTES_MASK;
  }

  private runCrons(nowMs: number): void {
    const { main, expires } = this.keyspace;
    const { rehashBucketsPerMs } = this.settings.profile.costs;
    const rehashBuckets = this.settings.serverTime === 'none' ? Infinity : rehashBucketsPerMs;
    while (this.nextCronMs <= nowMs) {
      const tickMs = this.nextCronMs;
      this.nextCronMs += this.cronPeriodMs;
      this.setTime(Math.floor(tickMs));
      this.clock.lruSeconds = Math.floor(tickMs / 1000) & LRU_CLOCK_MASK;
      this.activeExpire.slow(this.clock.nowMs);
      main.resizeIfSparse();
      expires.resizeIfSparse();
      // One table per tick: the expires table waits for the main one.
      if (!main.rehashFor(rehashBuckets)) expires.rehashFor(rehashBuckets);
      this.activeExpire.fast(this.clock.nowMs);
      const idle = expires.size === 0 && !main.isRehashing && !expires.isRehashing;
      if (idle && this.nextCronMs <= nowMs) {
        const ticks = Math.floor((nowMs - this.nextCronMs) / this.cronPeriodMs);
        this.nextCronMs += ticks * this.cronPeriodMs;
      }
    }
  }

  /** GET: true on a hit. */
  get(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    return this.read(id);
  }

  /** TOUCH of one key: counted and stamped as a read. */
  touch(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    return this.read(id);
  }

  private read(id: number): boolean {
    this.account.transient = 0;
    this.keyspace.main.onLookup();
    if (!this.isAlive(id)) {
      this.counters.misses++;
      return false;
    }
    this.policy.onHit(id);
    this.counters.hits++;
    return true;
  }

  /**
   * SET of a value of `valueBytes`, with EX when `ttlMs` is not NEVER. False if NX or XX forbade it or memory did
   * (then `oomErrors` counts it). `integer` stores a canonical number of that many digits instead of a string.
   */
  set(id: number, valueBytes: number, ttlMs = NEVER, mode: SetMode = SET_ALWAYS): boolean {
    const withTtl = ttlMs !== NEVER;
    if (this.isRefused(this.memory.set(id, valueBytes, withTtl))) return false;
    this.keyspace.main.onLookup();
    const exists = this.isAlive(id);
    if (exists) this.policy.onHit(id);
    if (exists ? mode === SET_IF_ABSENT : mode === SET_IF_PRESENT) {
      this.account.transient = 0;
      return false;
    }
    this.store(id, valueBytes, 0, exists);
    if (mode !== SET_KEEPING_TTL) this.dropTtl(id);
    if (withTtl) this.giveTtl(id, this.clock.nowMs + ttlMs);
    this.endWrite();
    return true;
  }

  /** SET of a canonical integer; see {@link Engine.set}. */
  setInteger(id: number, value: number, ttlMs = NEVER): boolean {
    const withTtl = ttlMs !== NEVER;
    if (this.isRefused(this.memory.set(id, String(value).length, withTtl))) return false;
    this.keyspace.main.onLookup();
    const exists = this.isAlive(id);
    if (exists) this.policy.onHit(id);
    this.store(id, value, this.memory.integerFlags(value), exists);
    this.dropTtl(id);
    if (withTtl) this.giveTtl(id, this.clock.nowMs + ttlMs);
    this.endWrite();
    return true;
  }

  /** INCR: an absent key starts at 1, a string is taken for a number (a trace carries no contents). False on OOM. */
  incr(id: number): boolean {
    if (this.isRefused(this.memory.get(id))) return false;
    this.keyspace.main.onLookup();
    const exists = this.isAlive(id);
    if (exists) this.policy.onHit(id);
    const at = id << RECORD_SHIFT;
    const value = exists && this.words[at]! & INTEGER ? this.words[at + VALUE]! + 1 : 1;
    this.store(id, value, this.memory.integerFlags(value), exists);
    this.endWrite();
    return true;
  }

  /** DEL: true if a live key was deleted. */
  del(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    this.account.transient = 0;
    if (!this.isAlive(id)) return false;
    this.counters.deletedKeys++;
    this.drop(id, REMOVED_BY_COMMAND);
    return true;
  }

  /** EXPIRE: true if the key exists. A TTL that is not positive deletes it at once, uncounted as an expiration. */
  expire(id: number, ttlMs: number): boolean {
    this.makeRoom(this.memory.expire(id));
    this.account.transient = 0;
    this.keyspace.main.onLookup();
    if (!this.isAlive(id)) return false;
    this.policy.onHit(id);
    if (ttlMs <= 0) {
      this.counters.deletedKeys++;
      this.drop(id, REMOVED_BY_COMMAND);
      return true;
    }
    this.giveTtl(id, this.clock.nowMs + ttlMs);
    this.endWrite();
    return true;
  }

  /** PERSIST: true if the key had a TTL. */
  persist(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    this.account.transient = 0;
    this.keyspace.main.onLookup();
    if (!this.isAlive(id)) return false;
    this.policy.onHit(id);
    return this.dropTtl(id);
  }

  /** Runs the eviction check with the command's arguments in memory, for commands that run whatever it says. */
  private makeRoom(argumentBytes: number): void {
    this.account.transient = argumentBytes;
    this.eviction.beforeCommand();
  }

  /** The same for commands that may need memory: true if the server refuses this one. */
  private isRefused(argumentBytes: number): boolean {
    this.account.transient = argumentBytes;
    if (this.eviction.beforeCommand() !== OUT_OF_MEMORY) return false;
    this.account.transient = 0;
    this.counters.oomErrors++;
    return true;
  }

  /** Looks a key up as every command does: an expired one is deleted first. */
  private isAlive(id: number): boolean {
    const flags = this.words[id << RECORD_SHIFT]!;
    if ((flags & RESIDENT) === 0) return false;
    if (this.keyspace.expires.size > 0) this.keyspace.expires.onLookup();
    if ((flags & VOLATILE) === 0 || this.clock.nowMs <= this.records.expiryOf(id)) return true;
    this.expireKey(id);
    return false;
  }

  private store(id: number, value: number, flags: number, exists: boolean): void {
    const { keyspace, memory, counters } = this;
    const bytes = memory.entry(id, value, flags);
    counters.storedValues++;
    if (exists) {
      counters.overwrittenValues++;
      keyspace.main.onLookup();
      keyspace.recharge(id, this.records.isVolatile(id) ? bytes + memory.ttlBytes : bytes);
    } else {
      this.account.transient += memory.keyCopy(id);
      keyspace.add(id, bytes);
      this.policy.onInsert(id);
    }
    keyspace.setValue(id, value, flags);
  }

  private giveTtl(id: number, expiresAtMs: number): void {
    const { keyspace, records } = this;
    keyspace.main.onLookup();
    if (records.isVolatile(id)) {
      keyspace.moveExpiry(id, expiresAtMs);
      return;
    }
    keyspace.addExpiry(id, expiresAtMs);
    keyspace.recharge(id, records.bytesOf(id) + this.memory.ttlBytes);
  }

  private dropTtl(id: number): boolean {
    const { keyspace, records } = this;
    keyspace.main.onLookup();
    if (!records.isVolatile(id)) {
      if (keyspace.expires.size > 0) keyspace.expires.onLookup();
      return false;
    }
    keyspace.removeExpiry(id);
    keyspace.recharge(id, records.bytesOf(id) - this.memory.ttlBytes);
    return true;
  }

  private endWrite(): void {
    const { account } = this;
    account.transient = 0;
    if (account.used > account.peak) account.peak = account.used;
  }

  private expireKey(id: number): void {
    this.counters.expiredKeys++;
    this.drop(id, REMOVED_BY_EXPIRY);
  }

  private drop(id: number, reason: RemovalReason): void {
    this.policy.onRemove(id, reason);
    this.keyspace.remove(id);
  }

  /** Recounts keys, bytes and the law of conservation. Throws InvariantError. O(keys + buckets). */
  checkInvariants(): void {
    this.keyspace.checkInvariants(this.settings.baseBytes);
    this.policy.checkInvariants?.();
    const { storedValues, overwrittenValues, deletedKeys, evictedKeys, expiredKeys } =
      this.counters;
    const gone = overwrittenValues + deletedKeys + evictedKeys + expiredKeys;
    if (storedValues !== this.keyspace.main.size + gone) {
      throw new InvariantError(
        `stored ${storedValues}, but ${this.keyspace.main.size} resident + ${gone} gone`,
      );
    }
  }
}
