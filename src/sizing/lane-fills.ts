import * as engineReplies from '../engine/replies.ts';
import * as operations from '../trace/operations.ts';
import * as laneSums from './lane-sums.ts';
import type { RefusingLanes } from './refusing-lanes.ts';

const { OOM_REPLY, SHORT_REPLY } = engineReplies;
const { SET } = operations;
const { laneOf } = laneSums;

/** The SETs of what a batch has missed, which follow together; a server refuses those it has no room for. */
export class LaneFills {
  private readonly lanes: RefusingLanes;
  /** Rows that missed somewhere, where, and the bytes of the arguments of the SETs that fill them. */
  private readonly rows: Int32Array;
  private readonly missedIn: Int32Array;
  private readonly bytes: Int32Array;
  private missed = 0;
  /** Of these, those of one server. */
  private readonly own: Int32Array;

  constructor(lanes: RefusingLanes, pipeline: number) {
    this.lanes = lanes;
    this.rows = new Int32Array(pipeline);
    this.missedIn = new Int32Array(pipeline);
    this.bytes = new Int32Array(pipeline);
    this.own = new Int32Array(pipeline);
  }

  /** The servers of `missing` missed in `row`. */
  add(row: number, missing: number): void {
    this.rows[this.missed] = row;
    this.missedIn[this.missed++] = missing;
  }

  /** The batch is over. */
  run(): void {
    if (this.missed === 0) return;
    const { lanes, missedIn } = this;
    let somewhere = 0;
    for (let i = 0; i < this.missed; i++) somewhere |= missedIn[i];
    const open = somewhere & ~lanes.full;
    const some = open === 0 ? 0 : open & ~lanes.without(open, this.leastBytes());
    // As short as they are, refusals do not change a buffer unless there are many of them.
    const isLong = this.missed * OOM_REPLY >= lanes.replies.smallestBytes;
    this.refuse(somewhere & ~some, isLong);
    for (let rest = some; rest !== 0; rest &= rest - 1) this.fillOne(laneOf(rest));
    if (isLong) this.reply(somewhere);
    else lanes.replies.forget();
    this.missed = 0;
  }

  /** Works out the arguments of the SETs: the least there are, without those that wait. */
  private leastBytes(): number {
    const { lanes, rows, bytes } = this;
    let least = Infinity;
    for (let i = 0; i < this.missed; i++) {
      bytes[i] = lanes.parsed.ofSet(rows[i]);
      if (bytes[i] < least) least = bytes[i];
    }
    return least;
  }

  /** Nothing fits into the servers of `none`. */
  private refuse(none: number, isLong: boolean): void {
    const { lanes, missedIn } = this;
    if (none === 0 || (!isLong && !lanes.counts.isOn)) return;
    for (let i = 0; i < this.missed; i++) {
      if (isLong) lanes.refuse(missedIn[i] & none, 1);
      else lanes.counts.oomErrors.add(missedIn[i] & none, 1);
    }
  }

  private reply(somewhere: number): void {
    const { replies } = this.lanes;
    for (let i = 0; i < this.missed; i++) replies.addMore(this.missedIn[i], SHORT_REPLY);
    replies.tell(somewhere, 0);
    replies.send();
  }

  private fillOne(lane: number): void {
    const { lanes, rows, missedIn, bytes, own } = this;
    const { window } = lanes.parsed;
    const bit = 1 << lane;
    let count = 0;
    for (let i = 0; i < this.missed; i++) if ((missedIn[i] & bit) !== 0) own[count++] = i;
    let parsed = 0;
    let waiting = 0;
    for (let i = 0; i < count; i++) {
      if (window > 0 && i === parsed) {
        parsed = Math.min(count, i + window);
        waiting = lanes.parsed.recordsOf(parsed - i);
        for (let next = i; next < parsed; next++) waiting += bytes[own[next]];
      }
      const at = own[i];
      if (window > 0) waiting -= bytes[at];
      if (lanes.fits(lane, bytes[at] + waiting)) lanes.write(rows[at], SET, lane);
      else lanes.refuse(bit, 1);
      if ((lanes.full & bit) === 0) continue;
      // Nothing fits any more.
      lanes.refuse(bit, count - i - 1);
      return;
    }
  }
}
