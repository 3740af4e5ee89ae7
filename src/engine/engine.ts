import type { KernelCalls } from '../keyspace/kernel-calls.ts';
import { Kernel } from '../keyspace/kernel.ts';
import { keyNames } from '../keyspace/key-names.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { MemoryAccount } from '../memory/account.ts';
import { rounderOf } from '../memory/size-classes.ts';
import { KernelPolicy } from '../policies/kernel-policy.ts';
import type { Policy, ServerClock } from '../policies/policy.ts';
import { Random } from '../random.ts';
import type { Trace, TraceRows } from '../trace/trace.ts';
import { ActiveExpire } from './active-expire.ts';
import { KernelClock } from './clock.ts';
import { CommandMemory } from './command-memory.ts';
import { Database } from './database.ts';
import { evictionTimeLimitUs } from './eviction-time.ts';
import { recordBytesOf } from './record-bytes.ts';
import { ReplyBuffer } from './reply-buffer.ts';
import { NEVER, SET_ALWAYS, type SetMode } from './set-options.ts';
import type { EngineSettings } from './settings.ts';
import { Timer } from './timer.ts';
import { type BatchRules, KernelRows } from './trace-rows.ts';

/** More commands than any batch has: the kernel's "all". */
const LONGEST_WINDOW = 2 ** 30;

/**
 * A server with one database of string keys, as far as eviction can tell: what is resident, what it costs, when it
 * expires and what was counted. Commands act on dense key ids at the time set by {@link Engine.wake}; each first
 * makes room as the server does. Replays and live connections drive the same engine.
 */
export class Engine {
  readonly account: MemoryAccount;
  readonly clock: ServerClock;
  readonly policy: Policy;
  readonly database: Database;
  readonly memory: CommandMemory;
  private readonly settings: EngineSettings;
  private readonly calls: KernelCalls;
  private readonly replies: ReplyBuffer;
  private readonly timer: Timer;
  /** One number: whether an eviction that ran out of time goes on between commands. */
  private readonly evictionTimer: Int32Array;

  /**
   * `keyBytes`: per key id, the length of its name. `startMs`: unix time at which the server starts. `trace` lets
   * policies look into the future.
   */
  constructor(settings: EngineSettings, keyBytes: Uint32Array, startMs: number, trace?: Trace) {
    const { profile, policy, allocator, maxmemoryBytes, timerSlowdown = 1 } = settings;
    const { costs, commands, parseAhead } = profile;
    const round = rounderOf(allocator);
    const random = new Random(settings.seed, 'server');
    const hashSeed = random.uint32();
    const kernel = new Kernel(keyBytes.length, random, round);
    const { calls } = kernel;
    const account = new MemoryAccount(
      settings.baseBytes,
      maxmemoryBytes,
      kernel.fields('accountFields'),
    );
    // A timer that is slowed down would let the clock stand still for longer than its second.
    const clock = new KernelClock(kernel, profile.lruClock === 'command' || timerSlowdown > 1);
    const parts = { kernel, hashSeed };
    const main = profile.createTable('main', parts);
    const expires = profile.createTable('expires', parts);
    const keyspace = new Keyspace(kernel, { main, expires }, account);
    const database = new Database(keyspace);
    const sharesIntegers =
      profile.sharesIntegers && (maxmemoryBytes === 0 || !policy.needsOwnValueObjects);
    const names = keyNames(keyBytes, (areShort, areAlike) => kernel.namesOf(areShort, areAlike));
    const memory = new CommandMemory(profile.stringLayout(round), names);
    const replies = new ReplyBuffer(
      profile.replyBuffer,
      account,
      round,
      startMs,
      kernel.fields('replyFields'),
    );
    this.settings = settings;
    this.calls = calls;
    this.evictionTimer = kernel.int32s(kernel.place('evictionTimer'), 1);
    this.account = account;
    this.clock = clock;
    this.database = database;
    this.memory = memory;
    this.replies = replies;
    kernel.host = {
      entryBytes: (id, value, flags) => memory.entry(id, value, flags),
      slotAfterOverwrite: (id, oldValue, oldFlags, value, flags, keepsTtl) =>
        memory.slotAfterOverwrite(id, oldValue, oldFlags, value, flags, keepsTtl),
      argumentBytes: (length) => memory.argument(length),
      keyCopyBytes: (length) => memory.keyCopy(length),
      recordBytes: (waiting) => recordBytesOf(parseAhead, waiting, round),
      addReplyBlock: (overflow) => {
        replies.addBlock(overflow);
      },
      dropReplyBlocks: () => {
        replies.dropBlocks();
      },
    };
    memory.tell(kernel);
    calls.setParseWindow(Math.min(parseAhead?.window ?? 0, LONGEST_WINDOW));
    calls.setCommands(
      Number(commands.conditionalSetLooksUpTwice),
      Number(commands.setMovesTtlInPlace),
      Number(commands.countsPastExpiry),
      Number(sharesIntegers),
    );
    const timeStandsStill = settings.serverTime === 'none';
    calls.setEviction(
      profile.limitsEvictionTime ? evictionTimeLimitUs(settings.evictionTenacity) : Infinity,
      timeStandsStill ? 0 : costs.evictionUs,
    );
    this.policy = policy.create({
      keyspace,
      records: keyspace.records,
      clock,
      settings,
      profile,
      ...(trace && { trace }),
    });
    if (!(this.policy instanceof KernelPolicy)) kernel.listenWith(this.policy);
    const activeExpire = new ActiveExpire(calls, clock, {
      rules: profile.expire,
      effort: settings.activeExpireEffort,
      hz: settings.hz,
      costs,
      timeStandsStill,
      roundsToEnd: timerSlowdown,
    });
    this.timer = new Timer(
      { clock, keyspace, activeExpire, replies },
      {
        hz: settings.hz / timerSlowdown,
        rehashBuckets: timeStandsStill ? Infinity : costs.rehashBucketsPerTick,
        rehashesBoth: profile.timerRehashesBothTables,
        startMs,
        phase: calls.float(),
      },
    );
  }

  /** Bytes of keys, values and tables: `used_memory` less the empty server and its client. */
  get dataBytes(): number {
    return this.account.used - this.settings.baseBytes - this.replies.bytes;
  }

  /** The rows of a trace for this server to run, in batches. */
  rowsOf(trace: TraceRows, rules: BatchRules): KernelRows {
    return new KernelRows(this.database.keyspace.kernel, trace, rules);
  }

  /** Unix time up to which requests, if they don't bring it about, find nothing to do for the server but to answer them. */
  get quietUntilMs(): number {
    return this.timer.quietUntilMs;
  }

  /** Requests arrive at unix time `nowMs` (never back): what the idle server does by itself until then is done. */
  wake(nowMs: number): void {
    if (this.evictionTimer[0] !== 0) {
      this.calls.evictBetweenCommands((nowMs - this.clock.nowMs) * 1000);
    }
    this.timer.wake(nowMs);
  }

  /** The requests that had arrived are done: due timer work runs, then their replies are sent. */
  endEvents(): void {
    this.timer.endEvents();
    this.sendReplies();
  }

  /** All commands so far have run and their replies are sent. */
  sendReplies(): void {
    this.calls.sendReplies();
  }

  /** GET: true on a hit. */
  get(id: number): boolean {
    return this.calls.get(id) !== 0;
  }

  /** TOUCH of one key: counted and stamped as a read. */
  touch(id: number): boolean {
    return this.calls.touch(id) !== 0;
  }

  /**
   * SET of a string of `valueBytes`, with EX when `ttlMs` is not NEVER. False if NX or XX forbade it, or memory did
   * (then `oomErrors` counts it).
   */
  set(id: number, valueBytes: number, ttlMs = NEVER, mode: SetMode = SET_ALWAYS): boolean {
    return this.calls.set(id, valueBytes, ttlMs, mode) !== 0;
  }

  /** SET of a canonical integer; false on OOM. */
  setInteger(id: number, value: number, ttlMs = NEVER): boolean {
    return this.calls.setInteger(id, value, String(value).length, ttlMs) !== 0;
  }

  /** INCR: an absent key starts at 1, a string is taken for a 0 (a trace carries no contents). False on OOM. */
  incr(id: number): boolean {
    return this.calls.incr(id) !== 0;
  }

  /** DEL: true if a live key was deleted. */
  del(id: number): boolean {
    return this.calls.del(id) !== 0;
  }

  /** EXPIRE: true if the key exists. A TTL that is not positive deletes it at once. */
  expire(id: number, ttlMs: number): boolean {
    return this.calls.expire(id, ttlMs) !== 0;
  }

  /** PERSIST: true if the key had a TTL. */
  persist(id: number): boolean {
    return this.calls.persist(id) !== 0;
  }

  /** Commands have been parsed before those in front of them have run: their arguments are in memory from now on. */
  queue(commands: number, argumentBytes: number): void {
    this.calls.addParsed(commands, argumentBytes);
  }

  /** It has served: its memory may be another engine's from here on, and none of its parts may be asked any more. */
  release(): void {
    this.database.keyspace.kernel.release();
  }

  /** Recounts keys, bytes and the law of conservation. Throws InvariantError. O(keys + buckets); tests only. */
  checkInvariants(): void {
    this.database.checkInvariants();
    this.database.keyspace.checkInvariants(this.settings.baseBytes + this.replies.bytes);
    this.policy.checkInvariants?.();
  }
}
