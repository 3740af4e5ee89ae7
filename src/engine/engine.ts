import * as keyFlags from '../keyspace/key-flags.ts';
import { KeyRecords } from '../keyspace/key-records.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { MemoryAccount } from '../memory/account.ts';
import { rounderOf } from '../memory/size-classes.ts';
import type { Policy, ServerClock } from '../policies/policy.ts';
import { Random } from '../random.ts';
import type { CommandRules } from '../servers/profile.ts';
import type { Trace } from '../trace/trace.ts';
import { ActiveExpire } from './active-expire.ts';
import { CommandMemory } from './command-memory.ts';
import { CommandQueue } from './command-queue.ts';
import { Database } from './database.ts';
import { Eviction, evictionTimeLimitUs } from './eviction.ts';
import { LookAhead } from './look-ahead.ts';
import * as replies from './replies.ts';
import { Reads } from './reads.ts';
import { ReplyBuffer } from './reply-buffer.ts';
import * as setOptions from './set-options.ts';
import type { SetMode } from './set-options.ts';
import type { EngineSettings } from './settings.ts';
import { Timer } from './timer.ts';

const { NO_SLOT } = keyFlags;
const { bulkReplyBytes, OOM_REPLY, SHORT_REPLY } = replies;
const { NEVER, SET_ALWAYS, SET_IF_ABSENT, SET_IF_PRESENT, SET_KEEPING_TTL } = setOptions;

/**
 * A server with one database of string keys, as far as eviction can tell: what is resident, what it costs, when it
 * expires and what was counted. Commands act on dense key ids at the time set by {@link Engine.wake}; each first
 * makes room as the server does. Replays and live connections drive the same engine.
 */
export class Engine {
  readonly account: MemoryAccount;
  readonly clock: ServerClock = { nowMs: 0, lruSeconds: 0, lfuMinutes: 0, row: 0 };
  readonly policy: Policy;
  readonly database: Database;
  private readonly settings: EngineSettings;
  private readonly commands: CommandRules;
  readonly memory: CommandMemory;
  private readonly eviction: Eviction;
  private readonly replies: ReplyBuffer;
  private readonly timer: Timer;
  /** Commands parsed before their turn. */
  private readonly parsed: CommandQueue;
  readonly lookAhead: LookAhead;
  readonly reads: Reads;

  /**
   * `keyBytes`: per key id, the length of its name. `startMs`: unix time at which the server starts. `trace` lets
   * policies look into the future.
   */
  constructor(settings: EngineSettings, keyBytes: Uint32Array, startMs: number, trace?: Trace) {
    const { profile, policy, allocator, maxmemoryBytes, timerSlowdown = 1 } = settings;
    const { clock } = this;
    const round = rounderOf(allocator);
    const random = new Random(settings.seed, 'server');
    const hashSeed = random.uint32();
    const account = new MemoryAccount(settings.baseBytes, maxmemoryBytes);
    const records = new KeyRecords(keyBytes);
    const parts = { records, hashSeed, random, account, round };
    const main = profile.createTable('main', parts);
    const keyspace = new Keyspace(records, main, profile.createTable('expires', parts), account);
    const sharesIntegers =
      profile.sharesIntegers && (maxmemoryBytes === 0 || !policy.needsOwnValueObjects);
    this.settings = settings;
    this.parsed = new CommandQueue(profile.parseAhead, account, round);
    this.commands = profile.commands;
    this.account = account;
    this.memory = new CommandMemory(profile.stringLayout(round), records, sharesIntegers);
    this.policy = policy.create({
      keyspace,
      records,
      clock,
      random,
      settings,
      profile,
      ...(trace && { trace }),
    });
    const database = new Database(keyspace, account, this.memory, clock, this.policy);
    this.database = database;
    this.lookAhead = new LookAhead(keyspace, this.policy);
    const { costs } = profile;
    const timeStandsStill = settings.serverTime === 'none';
    this.eviction = new Eviction(account, this.policy, database, {
      timeLimitUs: profile.limitsEvictionTime
        ? evictionTimeLimitUs(settings.evictionTenacity)
        : Infinity,
      keyUs: timeStandsStill ? 0 : costs.evictionUs,
    });
    const activeExpire = new ActiveExpire(database, clock, {
      rules: profile.expire,
      effort: settings.activeExpireEffort,
      hz: settings.hz,
      costs,
      timeStandsStill,
      roundsToEnd: timerSlowdown,
    });
    this.replies = new ReplyBuffer(profile.replyBuffer, account, round, startMs);
    this.reads = new Reads({
      keyspace,
      account,
      clock,
      memory: this.memory,
      policy: this.policy,
      counters: database.counters,
      parsed: this.parsed,
      replies: this.replies,
    });
    this.timer = new Timer(
      { clock, keyspace, activeExpire, replies: this.replies },
      {
        hz: settings.hz / timerSlowdown,
        rehashBuckets: timeStandsStill ? Infinity : costs.rehashBucketsPerTick,
        rehashesBoth: profile.timerRehashesBothTables,
        // A timer that is slowed down would let the clock stand still for longer than its second.
        exactLruClock: profile.lruClock === 'command' || timerSlowdown > 1,
        startMs,
        phase: random.float(),
      },
    );
  }

  /** Bytes of keys, values and tables: `used_memory` less the empty server and its client. */
  get dataBytes(): number {
    return this.account.used - this.settings.baseBytes - this.replies.bytes;
  }

  /** Requests arrive at unix time `nowMs` (never back): what the idle server does by itself until then is done. */
  wake(nowMs: number): void {
    this.eviction.betweenCommands((nowMs - this.clock.nowMs) * 1000);
    this.timer.wake(nowMs);
  }

  /** The requests that had arrived are done: due timer work runs, then their replies are sent. */
  endEvents(): void {
    this.timer.endEvents();
    this.sendReplies();
  }

  /** All commands so far have run and their replies are sent. */
  sendReplies(): void {
    this.parsed.end();
    this.replies.flush();
  }

  /** GET: true on a hit. */
  get(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    const slot = this.countLookup(id);
    const hit = slot !== NO_SLOT;
    this.answer(hit ? bulkReplyBytes(this.database.valueLength(slot)) : SHORT_REPLY);
    return hit;
  }

  /** TOUCH of one key: counted and stamped as a read. */
  touch(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    this.answer(SHORT_REPLY);
    return this.countLookup(id) !== NO_SLOT;
  }

  private countLookup(id: number): number {
    const { counters } = this.database;
    const slot = this.database.touch(id);
    if (slot === NO_SLOT) counters.misses++;
    else counters.hits++;
    return slot;
  }

  /**
   * SET of a string of `valueBytes`, with EX when `ttlMs` is not NEVER. False if NX or XX forbade it, or memory did
   * (then `oomErrors` counts it).
   */
  set(id: number, valueBytes: number, ttlMs = NEVER, mode: SetMode = SET_ALWAYS): boolean {
    if (!this.mayWrite(this.memory.set(id, valueBytes, ttlMs !== NEVER))) return false;
    const slot = this.database.touch(id);
    const allowed = mode === SET_ALWAYS || this.allows(mode, id, slot);
    if (allowed) this.write(id, slot, valueBytes, 0, ttlMs, mode === SET_KEEPING_TTL);
    this.endWrite();
    return allowed;
  }

  /** Whether a SET of that mode may write a key that was looked up and found at `slot`. */
  private allows(mode: SetMode, id: number, slot: number): boolean {
    if (mode === SET_KEEPING_TTL) return true;
    if (mode !== (slot === NO_SLOT ? SET_IF_ABSENT : SET_IF_PRESENT)) return false;
    if (this.commands.conditionalSetLooksUpTwice) this.database.touch(id);
    return true;
  }

  /** SET of a canonical integer; false on OOM. */
  setInteger(id: number, value: number, ttlMs = NEVER): boolean {
    if (!this.mayWrite(this.memory.set(id, String(value).length, ttlMs !== NEVER))) return false;
    const slot = this.database.touch(id);
    this.write(id, slot, value, this.memory.integerFlags(value), ttlMs, false);
    this.endWrite();
    return true;
  }

  /** Stores what a SET says; `found`: where the key is, or NO_SLOT. */
  private write(
    id: number,
    found: number,
    value: number,
    flags: number,
    ttlMs: number,
    keepsTtl: boolean,
  ): void {
    const { database } = this;
    const slot = this.store(id, found, value, flags, keepsTtl);
    const isFresh = found === NO_SLOT && !database.keyspace.isRehashing;
    // A new key has no TTL to drop, and a lookup leaves no trace in tables at rest.
    if (!isFresh && !keepsTtl && (ttlMs === NEVER || !this.commands.setMovesTtlInPlace))
      database.dropTtl(slot);
    if (ttlMs !== NEVER) database.giveTtl(slot, this.clock.nowMs + ttlMs);
  }

  private store(
    id: number,
    found: number,
    value: number,
    flags: number,
    keepsTtl: boolean,
  ): number {
    if (found === NO_SLOT) return this.database.insert(id, value, flags);
    this.database.overwrite(found, value, flags, keepsTtl);
    return found;
  }

  /** INCR: an absent key starts at 1, a string is taken for a 0 (a trace carries no contents). False on OOM. */
  incr(id: number): boolean {
    if (!this.mayWrite(this.memory.get(id))) return false;
    const slot = this.database.touch(id);
    const value = slot === NO_SLOT ? 1 : this.database.integerOf(slot) + 1;
    this.store(id, slot, value, this.memory.integerFlags(value), true);
    this.endWrite();
    return true;
  }

  /** DEL: true if a live key was deleted. */
  del(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    this.answer(SHORT_REPLY);
    return this.database.delete(id);
  }

  /** EXPIRE: true if the key exists. A TTL that is not positive deletes it at once. */
  expire(id: number, ttlMs: number): boolean {
    this.makeRoom(this.memory.expire(id));
    const slot = this.database.touch(id);
    if (slot !== NO_SLOT) {
      if (ttlMs > 0) this.database.giveTtl(slot, this.clock.nowMs + ttlMs);
      else if (this.commands.countsPastExpiry) this.database.expire(slot);
      else this.database.delete(id);
    }
    this.endWrite();
    return slot !== NO_SLOT;
  }

  /** PERSIST: true if the key had a TTL. */
  persist(id: number): boolean {
    this.makeRoom(this.memory.get(id));
    this.answer(SHORT_REPLY);
    const slot = this.database.touch(id);
    return slot !== NO_SLOT && this.database.dropTtl(slot);
  }

  /** Commands the server parses at a time; 0 = each when its turn comes. */
  get parseWindow(): number {
    return this.parsed.window;
  }

  /** Commands have been parsed before those in front of them have run: their arguments are in memory from now on. */
  queue(commands: number, argumentBytes: number): void {
    this.parsed.add(commands, argumentBytes);
  }

  /** Runs the eviction check, the command's arguments in memory, for commands that run whatever it says. */
  private makeRoom(argumentBytes: number): void {
    const { account } = this;
    this.parsed.take(argumentBytes);
    account.transient = argumentBytes;
    if (account.used + argumentBytes > account.limit) this.eviction.run();
    account.transient = 0;
  }

  /** The same for commands that may need memory; their arguments stay in the account until they end. */
  private mayWrite(argumentBytes: number): boolean {
    const { account } = this;
    this.parsed.take(argumentBytes);
    account.transient = argumentBytes;
    if (account.used + argumentBytes <= account.limit) return true;
    if (this.eviction.run()) return true;
    account.transient = 0;
    this.database.counters.oomErrors++;
    this.answer(OOM_REPLY);
    return false;
  }

  private endWrite(): void {
    this.account.transient = 0;
    this.answer(SHORT_REPLY);
  }

  /** The reply to a command, and the memory that is used with it. */
  private answer(bytes: number): void {
    const { account } = this;
    this.replies.add(bytes);
    if (account.used > account.peak) account.peak = account.used;
  }

  /** Recounts keys, bytes and the law of conservation. Throws InvariantError. O(keys + buckets); tests only. */
  checkInvariants(): void {
    this.database.checkInvariants();
    this.database.keyspace.checkInvariants(this.settings.baseBytes + this.replies.bytes);
    this.policy.checkInvariants?.();
  }
}
