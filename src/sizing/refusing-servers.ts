import { CommandMemory } from '../engine/command-memory.ts';
import { CommandQueue } from '../engine/command-queue.ts';
import { bulkReplyBytes, OOM_REPLY, SHORT_REPLY } from '../engine/replies.ts';
import { ReplyBuffer } from '../engine/reply-buffer.ts';
import { KeyRecords } from '../keyspace/key-records.ts';
import { MemoryAccount } from '../memory/account.ts';
import { rounderOf } from '../memory/size-classes.ts';
import { Random } from '../random.ts';
import { PeriodBatches } from '../replay/batches.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import {
  DEL,
  EXPIRE,
  GET,
  PERSIST,
  SET,
  SETKEEP,
  SETNX,
  SETXX,
  TOUCH,
} from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';
import { ExpireCycles } from './expire-cycles.ts';
import type { Mortality } from './mortality.ts';
import type { Counts } from './point.ts';
import { Residents } from './residents.ts';

/** Servers that go side by side: a bit of a number each. */
export const MOST_LANES = 31;

/** What a server that refuses writes came to after the warm-up. */
export interface RefusedCounts {
  readonly counts: Counts;
  /** Lookups of keys that are left out, while there was room for some of them. */
  readonly undecided: number;
}

/**
 * Servers that differ in maxmemory and evict nothing, side by side in one pass over a trace. Who is in is a matter of who
 * came first and who went by itself: there is no order of keys to keep, and about a key that all of them have, as they mostly have
 * those that are asked for most, one look says what all do. What decides whether a write fits is the engine's own: batches,
 * arguments in memory, the reply buffer, the timer's ticks; tables are taken at rest, and who is found dead when is told
 * by {@link ExpireCycles}.
 */
export class RefusingServers {
  private readonly trace: Trace;
  private readonly warmupRows: number;
  private readonly mortality: Mortality;
  private readonly leavesOutMortals: boolean;
  private readonly fillsMisses: boolean;
  private readonly lanes: number;
  /** A bit for each server. */
  private readonly all: number;
  private readonly residents: Residents;
  private readonly memory: CommandMemory;
  private readonly replies: readonly ReplyBuffer[];
  private readonly smallestBuffer: number;
  private readonly cycles: ExpireCycles;
  private readonly batches: PeriodBatches;
  private readonly periodMs: number;
  private nextTickMs: number;
  /** Since the start of the trace. */
  private nowMs = 0;

  /** Commands parsed ahead are the same for all, so one account has them. */
  private readonly waiting = new MemoryAccount(0, 0);
  private readonly queue: CommandQueue;
  /** Rows that are parsed together, and what was found out about one of them. */
  private windowFirst = 0;
  private windowEnd = 0;
  private waitingRow = -1;
  private waitingBytes = 0;
  private readonly leastArguments: number;
  /** Servers that no write fits into, whatever it writes. */
  private full = 0;
  /** Writes that they have refused since that last changed, in this batch. */
  private refused = 0;

  /** Bytes of the replies of this batch, what some servers' come to more, and what their buffers have been told of. */
  private replyBytes = 0;
  private readonly moreReplyBytes: Float64Array;
  private readonly toldReplyBytes: Float64Array;
  /** Rows of this batch that missed somewhere, where, and how many did by server. */
  private readonly missedRows: Int32Array;
  private readonly missedIn: Int32Array;
  /** Bytes of the arguments of the SETs that fill them. */
  private readonly missedBytes: Int32Array;
  private missed = 0;
  private readonly missedBy: Int32Array;
  private readonly own: Int32Array;

  private counting = false;
  private readonly misses: Float64Array;
  private readonly missBytes: Float64Array;
  private readonly expiredKeys: Float64Array;
  private readonly oomErrors: Float64Array;
  private readonly undecided: Float64Array;

  /**
   * `cells`: at most {@link MOST_LANES} that differ in maxmemory alone. `leavesOutMortals`: keys with a TTL are evicted to make room, so they
   * keep nobody out.
   */
  constructor(
    trace: Trace,
    cells: readonly Cell[],
    options: { warmupRows: number; mortality: Mortality; leavesOutMortals: boolean },
  ) {
    const [cell] = cells;
    const { server, allocator, hz, pipeline } = cell;
    const profile = serverNamed(server);
    const round = rounderOf(allocator);
    const lanes = cells.length;
    this.trace = trace;
    this.warmupRows = options.warmupRows;
    this.mortality = options.mortality;
    this.leavesOutMortals = options.leavesOutMortals;
    this.fillsMisses = cell.onMiss === 'fill';
    this.lanes = lanes;
    this.all = 2 ** lanes - 1;
    const records = new KeyRecords(trace.keyBytes);
    const memory = new CommandMemory(profile.stringLayout(round), records, false);
    this.memory = memory;
    this.residents = new Residents(trace, cells, { mortality: options.mortality, memory });
    // In the order in which the engine throws its dice.
    this.replies = this.residents.accounts.map(
      (account) => new ReplyBuffer(profile.replyBuffer, account, round, 0),
    );
    this.smallestBuffer = profile.replyBuffer.smallestBytes;
    const random = new Random(cell.seed, 'server');
    const salt = random.uint32();
    this.periodMs = 1000 / hz;
    this.nextTickMs = random.float() * this.periodMs;
    this.cycles = new ExpireCycles(
      {
        volatileKeys: (lane) => this.residents.volatileKeys(lane),
        deadIn: (key, of, ms) => this.residents.deadIn(key, of, ms),
        nextDeathMs: (key, ms) => this.residents.nextDeathMs(key, ms),
        expire: (key, lane) => {
          this.expire(key, lane);
        },
      },
      cell,
      {
        lanes,
        keyCount: trace.keyCount,
        longestMs: options.mortality.longestMs,
        startMs: 0,
        salt,
      },
    );
    this.batches = new PeriodBatches(trace, this.periodMs, pipeline);
    this.queue = new CommandQueue(profile.parseAhead, this.waiting, round);
    this.leastArguments = leastSet(trace, this.memory);
    const perLane = (): Float64Array => new Float64Array(lanes);
    this.moreReplyBytes = perLane();
    this.toldReplyBytes = perLane();
    this.missedRows = new Int32Array(pipeline);
    this.missedIn = new Int32Array(pipeline);
    this.missedBytes = new Int32Array(pipeline);
    this.missedBy = new Int32Array(lanes);
    this.own = new Int32Array(pipeline);
    this.misses = perLane();
    this.missBytes = perLane();
    this.expiredKeys = perLane();
    this.oomErrors = perLane();
    this.undecided = perLane();
  }

  /** What each server counts, in the order of the cells. */
  run(): RefusedCounts[] {
    const { trace, warmupRows, batches } = this;
    for (let lane = 0; lane < this.lanes; lane++) this.lookAtRoom(lane);
    for (let row = 0; row < trace.rows;) {
      if (row >= warmupRows) this.counting = true;
      const end = batches.endOf(row, row < warmupRows ? warmupRows : trace.rows);
      this.batch(row, end);
      row = end;
    }
    return Array.from(this.misses, (misses, lane) => ({
      counts: {
        misses,
        missBytes: this.missBytes[lane],
        evictedKeys: 0,
        expiredKeys: this.expiredKeys[lane],
        oomErrors: this.oomErrors[lane],
      },
      undecided: this.undecided[lane],
    }));
  }

  private batch(first: number, end: number): void {
    const { trace, queue } = this;
    this.wake(trace.times[first] * trace.tickMs);
    this.missed = 0;
    const window = queue.window > 0 ? queue.window : end - first;
    for (let row = first; row < end;) {
      this.windowFirst = row;
      this.windowEnd = Math.min(end, row + window);
      while (row < this.windowEnd) this.request(row++);
    }
    this.endOfEvents();
    if (this.missed === 0) return;
    if (this.counting)
      for (let lane = 0; lane < this.lanes; lane++) this.misses[lane] += this.missedBy[lane];
    if (this.fillsMisses) this.fill();
    this.missedBy.fill(0);
  }

  private arguments(row: number): number {
    const { trace, memory } = this;
    const op = trace.ops[row];
    const key = trace.keys[row];
    if (isSet(op)) return memory.set(key, trace.valueBytes[row], trace.ttls[row] !== NO_TTL);
    return op === EXPIRE ? memory.expire(key) : memory.get(key);
  }

  /** Bytes of the commands that wait parsed behind that of `row`: asked for seldom, so it is worked out then. */
  private waitingBehind(row: number): number {
    const { queue, waiting, windowFirst, windowEnd } = this;
    if (queue.window === 0) return 0;
    if (this.waitingRow !== row) {
      this.waitingRow = row;
      for (let next = windowFirst; next < windowEnd; next++) queue.add(1, this.arguments(next));
      for (let next = windowFirst; next <= row; next++) queue.take(this.arguments(next));
      this.waitingBytes = waiting.used;
      for (let next = row + 1; next < windowEnd; next++) queue.take(this.arguments(next));
      queue.end();
    }
    return this.waitingBytes;
  }

  private request(row: number): void {
    const { trace } = this;
    const op = trace.ops[row];
    const key = trace.keys[row];
    if (this.leavesOutMortals && this.mortality.isMortal[key] === 1) this.leaveOut(row, op);
    else if (op === GET || op === TOUCH) this.look(row, op, key);
    else {
      this.replyBytes += SHORT_REPLY;
      if (this.residents.mayBeDead(key, this.nowMs)) this.expireDue(key);
      if (isSet(op)) this.set(row, op);
      else this.change(row, op, key);
    }
  }

  /** A request to a key that keeps nobody out: all that is known of it is where there is no room for it. */
  private leaveOut(row: number, op: number): void {
    this.replyBytes += SHORT_REPLY;
    const isLookup = op === GET || op === TOUCH;
    if (this.counting && isLookup) {
      for (let lane = 0; lane < this.lanes; lane++) {
        this.misses[lane]++;
        if (op === GET) this.missBytes[lane] += this.trace.valueBytes[row];
        if ((this.full & (1 << lane)) === 0) this.undecided[lane]++;
        else if (op === GET && this.fillsMisses) this.oomErrors[lane]++;
      }
    }
    if (isSet(op)) this.refused++;
  }

  private look(row: number, op: number, key: number): void {
    const { residents, trace, all } = this;
    if (residents.mayBeDead(key, this.nowMs)) this.expireDue(key);
    const there = residents.in[key];
    if (this.mortality.hasFixedValues || op === TOUCH) {
      const hitBytes = op === GET ? bulkReplyBytes(residents.lengthOf(key, 0)) : SHORT_REPLY;
      this.replyBytes += there === 0 ? SHORT_REPLY : hitBytes;
      if (there === all) return;
      if (there !== 0) this.replyMore(all & ~there, SHORT_REPLY - hitBytes);
    } else {
      this.replyBytes += SHORT_REPLY;
      for (let rest = there; rest !== 0; rest &= rest - 1) {
        const lane = laneOf(rest);
        this.moreReplyBytes[lane] += bulkReplyBytes(residents.lengthOf(key, lane)) - SHORT_REPLY;
      }
      if (there === all) return;
    }
    const missing = all & ~there;
    if (op === TOUCH) {
      for (let rest = this.counting ? missing : 0; rest !== 0; rest &= rest - 1)
        this.misses[laneOf(rest)]++;
      return;
    }
    const { missBytes, missedBy } = this;
    const size = this.counting ? trace.valueBytes[row] : 0;
    for (let rest = missing; rest !== 0; rest &= rest - 1) {
      const lane = laneOf(rest);
      missedBy[lane]++;
      missBytes[lane] += size;
    }
    this.missedRows[this.missed] = row;
    this.missedIn[this.missed++] = missing;
  }

  private replyMore(lanes: number, bytes: number): void {
    const { moreReplyBytes } = this;
    for (let rest = lanes; rest !== 0; rest &= rest - 1) moreReplyBytes[laneOf(rest)] += bytes;
  }

  private set(row: number, op: number): void {
    this.refused++;
    const open = this.all & ~this.full;
    if (open === 0) return;
    const bytes = this.arguments(row) + this.waitingBehind(row);
    for (let rest = open; rest !== 0; rest &= rest - 1) {
      const lane = laneOf(rest);
      this.tellReplies(lane, -SHORT_REPLY);
      if (this.fits(lane, bytes)) this.write(row, op, lane);
      else this.refuse(lane, 1);
    }
  }

  /** Whether a command may write, with so many bytes of arguments in memory. */
  private fits(lane: number, bytes: number): boolean {
    const { used, limit } = this.residents.accounts[lane];
    return used + bytes <= limit;
  }

  private refuse(lane: number, writes: number): void {
    if (this.counting) this.oomErrors[lane] += writes;
    this.moreReplyBytes[lane] += writes * (OOM_REPLY - SHORT_REPLY);
  }

  private write(row: number, op: number, lane: number): void {
    const { trace, residents } = this;
    const key = trace.keys[row];
    const isThere = (residents.in[key] & (1 << lane)) !== 0;
    if (op === SETNX ? isThere : op === SETXX && !isThere) return;
    const code = trace.ttls[row];
    const until = code === NO_TTL ? Infinity : this.nowMs + decodeTtl(code);
    const keepsTtl = op === SETKEEP && code === NO_TTL;
    residents.store(key, lane, trace.valueBytes[row], keepsTtl ? undefined : until);
    if (until !== Infinity) this.cycles.fallsDue(key, until);
    this.lookAtRoom(lane);
  }

  /** DEL, EXPIRE, PERSIST: nobody refuses them. */
  private change(row: number, op: number, key: number): void {
    const { residents, nowMs } = this;
    const code = this.trace.ttls[row];
    const ttlMs = code === NO_TTL ? Infinity : decodeTtl(code);
    const removes = op === DEL || (op === EXPIRE && ttlMs <= 0);
    const there = residents.in[key];
    for (let rest = there; rest !== 0; rest &= rest - 1) {
      const lane = laneOf(rest);
      if (removes) residents.remove(key, lane);
      else if (op === EXPIRE || op === PERSIST)
        residents.setExpiry(key, lane, op === PERSIST ? Infinity : nowMs + ttlMs);
      this.lookAtRoom(lane);
    }
    if (op === EXPIRE && !removes && there !== 0) this.cycles.fallsDue(key, nowMs + ttlMs);
  }

  private expireDue(key: number): void {
    const { residents } = this;
    for (let rest = residents.deadIn(key, this.all, this.nowMs); rest !== 0; rest &= rest - 1) {
      this.expire(key, laneOf(rest));
    }
    residents.setFirstExpiry(key);
  }

  private expire(key: number, lane: number): void {
    this.residents.remove(key, lane);
    if (this.counting) this.expiredKeys[lane]++;
    this.lookAtRoom(lane);
  }

  /** The server of `lane` has more or less in memory: whether anything at all fits. */
  private lookAtRoom(lane: number): void {
    const { used, limit } = this.residents.accounts[lane];
    const bit = 1 << lane;
    const isFull = used + this.leastArguments > limit;
    if (isFull === ((this.full & bit) !== 0)) return;
    this.endRefused();
    this.full ^= bit;
  }

  private endRefused(): void {
    if (this.refused === 0) return;
    for (let rest = this.full; rest !== 0; rest &= rest - 1)
      this.refuse(laneOf(rest), this.refused);
    this.refused = 0;
  }

  /** The replies so far, `less` some, are in the buffer of the server of `lane`. */
  private tellReplies(lane: number, less: number): void {
    const bytes = this.replyBytes + this.moreReplyBytes[lane] + less;
    if (bytes <= this.toldReplyBytes[lane]) return;
    this.replies[lane].add(bytes - this.toldReplyBytes[lane]);
    this.toldReplyBytes[lane] = bytes;
  }

  private endOfEvents(): void {
    this.endRefused();
    for (let lane = 0; lane < this.lanes; lane++) this.tellReplies(lane, 0);
    if (this.nowMs >= this.nextTickMs) {
      this.tick(this.nowMs);
      this.nextTickMs = this.nowMs + this.periodMs;
    }
    this.sendReplies();
  }

  private sendReplies(): void {
    for (let lane = 0; lane < this.lanes; lane++) this.replies[lane].flush();
    this.replyBytes = 0;
    this.moreReplyBytes.fill(0);
    this.toldReplyBytes.fill(0);
  }

  /** The SETs of what missed, which follow together. */
  private fill(): void {
    const { missedBy, missedRows, missedBytes } = this;
    if (this.full !== this.all) {
      for (let i = 0; i < this.missed; i++) missedBytes[i] = this.setArguments(missedRows[i]);
    }
    // As short as they are, refusals do not change a buffer unless there are many of them.
    const isLong = this.missed * OOM_REPLY >= this.smallestBuffer;
    for (let lane = 0; lane < this.lanes; lane++) {
      if (missedBy[lane] === 0) continue;
      if ((this.full & (1 << lane)) === 0) this.fillOne(lane);
      else if (isLong) this.refuse(lane, missedBy[lane]);
      else if (this.counting) this.oomErrors[lane] += missedBy[lane];
      if (!isLong) continue;
      this.replyBytes = SHORT_REPLY * missedBy[lane];
      this.tellReplies(lane, 0);
    }
    if (isLong) this.sendReplies();
    else this.moreReplyBytes.fill(0);
  }

  private fillOne(lane: number): void {
    const { missedRows, missedIn, missedBytes, own, queue, waiting } = this;
    const bit = 1 << lane;
    let count = 0;
    for (let i = 0; i < this.missed; i++) if ((missedIn[i] & bit) !== 0) own[count++] = i;
    let parsed = 0;
    for (let i = 0; i < count; i++) {
      if (queue.window > 0 && i % queue.window === 0) {
        parsed = Math.min(count, i + queue.window);
        for (let next = i; next < parsed; next++) queue.add(1, missedBytes[own[next]]);
      }
      queue.take(missedBytes[own[i]]);
      const bytes = missedBytes[own[i]] + waiting.used;
      if (this.fits(lane, bytes)) this.write(missedRows[own[i]], SET, lane);
      else this.refuse(lane, 1);
      if ((this.full & bit) === 0) continue;
      // Nothing fits any more.
      this.refuse(lane, count - i - 1);
      for (let next = i + 1; next < parsed; next++) queue.take(missedBytes[own[next]]);
      break;
    }
    queue.end();
  }

  private setArguments(row: number): number {
    const { keys, valueBytes, ttls } = this.trace;
    return this.memory.set(keys[row], valueBytes[row], ttls[row] !== NO_TTL);
  }

  /** Requests arrive (engine/timer.ts). */
  private wake(nowMs: number): void {
    while (this.nextTickMs + this.periodMs <= nowMs) {
      this.tick(this.nextTickMs);
      this.nextTickMs += this.periodMs;
      if (this.hasTimerWork()) continue;
      const idleTicks = Math.floor((nowMs - this.nextTickMs) / this.periodMs);
      if (idleTicks > 0) this.nextTickMs += idleTicks * this.periodMs;
    }
    this.nowMs = nowMs;
  }

  private hasTimerWork(): boolean {
    for (let lane = 0; lane < this.lanes; lane++) {
      if (this.residents.volatileKeys(lane) > 0 || this.replies[lane].isShrinking) return true;
    }
    return false;
  }

  private tick(atMs: number): void {
    const nowMs = Math.floor(atMs);
    this.nowMs = nowMs;
    if (this.mortality.longestMs > 0) this.cycles.advanceTo(nowMs);
    for (let lane = 0; lane < this.lanes; lane++) {
      const before = this.replies[lane].bytes;
      this.replies[lane].resize(nowMs);
      this.cycles.tick(lane, nowMs);
      if (this.replies[lane].bytes !== before) this.lookAtRoom(lane);
    }
  }
}

const laneOf = (bits: number): number => 31 - Math.clz32(bits & -bits);

function isSet(op: number): boolean {
  return op === SET || op === SETNX || op === SETXX || op === SETKEEP;
}

/** The arguments of the smallest SET there could be: of the shortest name, of the shortest value. */
function leastSet(trace: Trace, memory: CommandMemory): number {
  let least = Infinity;
  for (let key = 0; key < trace.keyCount; key++) least = Math.min(least, memory.set(key, 0, false));
  return Number.isFinite(least) ? least : 0;
}
