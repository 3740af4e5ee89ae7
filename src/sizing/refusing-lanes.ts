import { CommandMemory } from '../engine/command-memory.ts';
import * as replies from '../engine/replies.ts';
import { keyNames } from '../keyspace/key-names.ts';
import { rounderOf } from '../memory/size-classes.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import * as operations from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import * as ttl from '../trace/ttl.ts';
import { ExpireCycles } from './expire-cycles.ts';
import { LaneCounts } from './lane-counts.ts';
import { LaneReplies } from './lane-replies.ts';
import * as laneSums from './lane-sums.ts';
import type { Mortality } from './mortality.ts';
import { ParsedAhead } from './parsed-ahead.ts';
import { Residents } from './residents.ts';

const { OOM_REPLY, SHORT_REPLY } = replies;
const { DEL, EXPIRE, PERSIST, SETKEEP, SETNX, SETXX } = operations;
const { decodeTtl, NO_TTL } = ttl;
const { laneOf } = laneSums;

/** Servers that refuse writes, side by side, a bit each: what they hold, whether a write fits, and what becomes of it. */
export class RefusingLanes {
  readonly count: number;
  /** A bit for each server. */
  readonly all: number;
  readonly residents: Residents;
  readonly replies: LaneReplies;
  readonly counts: LaneCounts;
  readonly cycles: ExpireCycles;
  readonly parsed: ParsedAhead;
  /** Servers that no write fits into, whatever it writes. */
  full = 0;
  /** Since the start of the trace. */
  nowMs = 0;
  private readonly trace: Trace;
  private readonly leastArguments: number;
  /** Writes that those have refused since that last changed, in this batch. */
  private refused = 0;

  /** `cells` differ in maxmemory alone; `salt` is of the order in which their tables have the keys. */
  constructor(
    trace: Trace,
    cells: readonly Cell[],
    { mortality, salt }: { mortality: Mortality; salt: number },
  ) {
    const [cell] = cells;
    const profile = serverNamed(cell.server);
    const round = rounderOf(cell.allocator);
    const memory = new CommandMemory(profile.stringLayout(round), keyNames(trace.keyBytes));
    this.trace = trace;
    this.count = cells.length;
    this.all = 2 ** cells.length - 1;
    this.residents = new Residents(trace, cells, { mortality, memory });
    this.replies = new LaneReplies(profile.replyBuffer, this.residents.accounts, round);
    this.counts = new LaneCounts(cells.length);
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
        lanes: cells.length,
        keyCount: trace.keyCount,
        longestMs: mortality.longestMs,
        startMs: 0,
        salt,
      },
    );
    const { pipeline } = cell;
    this.parsed = new ParsedAhead(trace, memory, { rules: profile.parseAhead, round, pipeline });
    this.leastArguments = leastSet(trace, memory);
    for (let lane = 0; lane < cells.length; lane++) this.lookAtRoom(lane);
  }

  /** A write comes that the full ones refuse, as they find out later. */
  refuseWhereFull(): void {
    this.refused++;
  }

  /** The full ones know what they have refused. */
  endRefused(): void {
    if (this.refused === 0) return;
    this.refuse(this.full, this.refused);
    this.refused = 0;
  }

  /** The servers of `lanes` refuse so many writes. */
  refuse(lanes: number, writes: number): void {
    if (this.counts.isOn) this.counts.oomErrors.add(lanes, writes);
    this.replies.addMore(lanes, writes * (OOM_REPLY - SHORT_REPLY));
  }

  /** Whether a command may write, with so many bytes of arguments in memory. */
  fits(lane: number, bytes: number): boolean {
    const { used, limit } = this.residents.accounts[lane];
    return used + bytes <= limit;
  }

  /** Of the servers of `lanes`, those in which a command does not fit with so many bytes of arguments in memory. */
  without(lanes: number, bytes: number): number {
    const { accounts } = this.residents;
    let without = 0;
    for (let rest = lanes; rest !== 0; rest &= rest - 1) {
      const lane = laneOf(rest);
      const { used, limit } = accounts[lane];
      if (used + bytes > limit) without |= 1 << lane;
    }
    return without;
  }

  /** The server of `lane` does as the write of `row`. */
  write(row: number, op: number, lane: number): void {
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
  change(row: number, op: number, key: number): void {
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

  /** Whoever holds `key` dead deletes it: it is asked for. */
  expireDue(key: number): void {
    const { residents } = this;
    for (let rest = residents.deadIn(key, this.all, this.nowMs); rest !== 0; rest &= rest - 1) {
      this.expire(key, laneOf(rest));
    }
    residents.setFirstExpiry(key);
  }

  private expire(key: number, lane: number): void {
    this.residents.remove(key, lane);
    if (this.counts.isOn) this.counts.expiredKeys.add(1 << lane, 1);
    this.lookAtRoom(lane);
  }

  /** The server of `lane` has more or less in memory: whether anything at all fits. */
  lookAtRoom(lane: number): void {
    const { used, limit } = this.residents.accounts[lane];
    const bit = 1 << lane;
    const isFull = used + this.leastArguments > limit;
    if (isFull === ((this.full & bit) !== 0)) return;
    this.endRefused();
    this.full ^= bit;
  }
}

/** The arguments of the smallest SET there could be: of the shortest name, of the shortest value. */
function leastSet(trace: Trace, memory: CommandMemory): number {
  let least = Infinity;
  for (let key = 0; key < trace.keyCount; key++) least = Math.min(least, memory.set(key, 0, false));
  return Number.isFinite(least) ? least : 0;
}
