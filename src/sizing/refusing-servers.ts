import * as replies from '../engine/replies.ts';
import { Random } from '../random.ts';
import { PeriodBatches } from '../replay/period-batches.ts';
import type { Cell } from '../replay/cell.ts';
import * as operations from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import type { RefusedCounts } from './lane-counts.ts';
import { LaneFills } from './lane-fills.ts';
import * as laneSums from './lane-sums.ts';
import { LaneTimer } from './lane-timer.ts';
import type { Mortality } from './mortality.ts';
import * as parsedAhead from './parsed-ahead.ts';
import { RefusingLanes } from './refusing-lanes.ts';

const { bulkReplyBytes, SHORT_REPLY } = replies;
const { GET, TOUCH } = operations;
const { laneOf } = laneSums;
const { isSet } = parsedAhead;

/** Servers that go side by side: a bit of a number each. */
export const MOST_LANES = 31;
/** Is equal to no key's servers. */
const NOT_KNOWN = -1;

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
  private readonly lanes: RefusingLanes;
  /** What is set of a key that is in all servers, if what its rows say is the length of its value there. */
  private readonly everywhere: number;
  private readonly fills: LaneFills;
  private readonly timer: LaneTimer;
  private readonly batches: PeriodBatches;
  /** Rows that are parsed together. */
  private windowFirst = 0;
  private windowEnd = 0;

  /**
   * `cells`: at most {@link MOST_LANES} that differ in maxmemory alone. `leavesOutMortals`: keys with a TTL are evicted to make room, so they
   * keep nobody out.
   */
  constructor(
    trace: Trace,
    cells: readonly Cell[],
    options: { warmupRows: number; mortality: Mortality; leavesOutMortals: boolean },
  ) {
    const [{ seed, hz, pipeline, onMiss }] = cells;
    const { mortality } = options;
    this.trace = trace;
    this.warmupRows = options.warmupRows;
    this.mortality = mortality;
    this.leavesOutMortals = options.leavesOutMortals;
    this.fillsMisses = onMiss === 'fill';
    // In the order in which the engine throws its dice.
    const random = new Random(seed, 'server');
    this.lanes = new RefusingLanes(trace, cells, { mortality, salt: random.uint32() });
    this.everywhere = mortality.hasFixedValues ? this.lanes.all : NOT_KNOWN;
    this.fills = new LaneFills(this.lanes, pipeline);
    const periodMs = 1000 / hz;
    const firstTickMs = random.float() * periodMs;
    const expires = mortality.longestMs > 0;
    this.timer = new LaneTimer(this.lanes, { periodMs, firstTickMs, expires });
    this.batches = new PeriodBatches(trace, { periodMs, pipeline });
  }

  /** What each server counts, in the order of the cells. */
  run(): RefusedCounts[] {
    const { trace, warmupRows, batches } = this;
    const { counts } = this.lanes;
    for (let row = 0; row < trace.rows;) {
      if (row >= warmupRows) counts.isOn = true;
      const end = batches.endOf(row, row < warmupRows ? warmupRows : trace.rows);
      this.batch(row, end);
      row = end;
    }
    batches.release();
    return counts.toArray();
  }

  private batch(first: number, end: number): void {
    const { trace, lanes } = this;
    this.timer.wake(trace.times[first] * trace.tickMs);
    const window = lanes.parsed.window > 0 ? lanes.parsed.window : end - first;
    for (let row = first; row < end;) {
      this.windowFirst = row;
      this.windowEnd = Math.min(end, row + window);
      this.requests(row, this.windowEnd);
      row = this.windowEnd;
    }
    lanes.endRefused();
    lanes.replies.tell(lanes.all, 0);
    this.timer.endOfEvents();
    lanes.replies.send();
    this.fills.run();
  }

  /** Most requests are GETs of a key that is in everywhere: one look at it, and a reply as long as the row says. */
  private requests(first: number, end: number): void {
    const { lanes, everywhere } = this;
    const { ops, keys, valueBytes } = this.trace;
    const { in: within, firstExpiries, unitMs } = lanes.residents;
    const expires = firstExpiries.length > 0;
    const { nowMs } = lanes;
    let bytes = 0;
    for (let row = first; row < end; row++) {
      const key = keys[row];
      if (
        ops[row] === GET &&
        within[key] === everywhere &&
        !(expires && nowMs > firstExpiries[key] * unitMs)
      ) {
        bytes += bulkReplyBytes(valueBytes[row]);
        continue;
      }
      lanes.replies.add(bytes);
      bytes = 0;
      this.request(row);
    }
    lanes.replies.add(bytes);
  }

  private request(row: number): void {
    const { trace, lanes } = this;
    const op = trace.ops[row];
    const key = trace.keys[row];
    if (this.leavesOutMortals && this.mortality.isMortal[key] === 1) {
      this.leaveOut(row, op);
      return;
    }
    if (lanes.residents.mayBeDead(key, lanes.nowMs)) lanes.expireDue(key);
    if (op === GET || op === TOUCH) this.look(row, op, key);
    else {
      lanes.replies.add(SHORT_REPLY);
      if (isSet(op)) this.set(row, op);
      else lanes.change(row, op, key);
    }
  }

  /** A request to a key that keeps nobody out: all that is known of it is where there is no room for it. */
  private leaveOut(row: number, op: number): void {
    const { lanes } = this;
    const { counts, full, all } = lanes;
    lanes.replies.add(SHORT_REPLY);
    if (counts.isOn && (op === GET || op === TOUCH)) {
      counts.misses.add(all, 1);
      if (op === GET) counts.missBytes.add(all, this.trace.valueBytes[row]);
      counts.undecided.add(all & ~full, 1);
      if (op === GET && this.fillsMisses) counts.oomErrors.add(full, 1);
    }
    if (isSet(op)) lanes.refuseWhereFull();
  }

  private look(row: number, op: number, key: number): void {
    const { lanes } = this;
    const { all, counts } = lanes;
    const there = lanes.residents.in[key];
    this.reply(row, op, there);
    const missing = all & ~there;
    if (missing === 0) return;
    if (counts.isOn) {
      counts.misses.add(missing, 1);
      if (op === GET) counts.missBytes.add(missing, this.trace.valueBytes[row]);
    }
    if (op === GET && this.fillsMisses) this.fills.add(row, missing);
  }

  /** The answers to the lookup of `row`, whose key is in the servers of `there`. */
  private reply(row: number, op: number, there: number): void {
    const { replies, residents, all } = this.lanes;
    if (there === 0 || op === TOUCH) replies.add(SHORT_REPLY);
    else if (this.mortality.hasFixedValues) {
      const bytes = bulkReplyBytes(this.trace.valueBytes[row]);
      replies.add(bytes);
      replies.addMore(all & ~there, SHORT_REPLY - bytes);
    } else {
      const key = this.trace.keys[row];
      replies.add(SHORT_REPLY);
      for (let rest = there; rest !== 0; rest &= rest - 1) {
        const lane = laneOf(rest);
        replies.addMore(1 << lane, bulkReplyBytes(residents.lengthOf(key, lane)) - SHORT_REPLY);
      }
    }
  }

  private set(row: number, op: number): void {
    const { lanes, windowFirst, windowEnd } = this;
    const { replies, parsed } = lanes;
    lanes.refuseWhereFull();
    const open = lanes.all & ~lanes.full;
    if (open === 0) return;
    replies.tell(open, -SHORT_REPLY);
    const close = lanes.without(open, parsed.most);
    const bytes = close === 0 ? 0 : parsed.of(row) + parsed.behind(row, windowFirst, windowEnd);
    const refusing = close === 0 ? 0 : lanes.without(close, bytes);
    // What one has written, or refused, is nothing to the others.
    if (refusing !== 0) lanes.refuse(refusing, 1);
    for (let rest = open & ~refusing; rest !== 0; rest &= rest - 1) {
      lanes.write(row, op, laneOf(rest));
    }
  }
}
