import { ReplyBuffer, type ReplyBufferRules } from '../engine/reply-buffer.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import * as laneSums from './lane-sums.ts';

const { laneOf, LaneSums } = laneSums;

/**
 * The reply buffers of servers that answer the same requests, and what these have to be told of the answers: nothing of a batch
 * whose replies come to no more than a buffer has held since it last forgot its peak, because they leave it as it is.
 */
export class LaneReplies {
  readonly smallestBytes: number;
  private readonly buffers: readonly ReplyBuffer[];
  private readonly all: number;
  /** Bytes of the replies of this batch, what some servers' come to more, and what their buffers have been told of. */
  private common = 0;
  private readonly more: laneSums.LaneSums;
  private readonly told: Float64Array;
  /** Servers whose buffers have been told of something. */
  private toldIn = 0;
  /** By server, bytes of replies up to which its buffer stays as it is, its peak included. */
  private readonly quiet: Float64Array;
  private readonly peakResetMs: number;
  private lastResetMs = 0;

  constructor(rules: ReplyBufferRules, accounts: readonly MemoryAccount[], round: Rounder) {
    const lanes = accounts.length;
    this.smallestBytes = rules.smallestBytes;
    this.buffers = accounts.map((account) => new ReplyBuffer(rules, account, round, 0));
    this.all = 2 ** lanes - 1;
    this.more = new LaneSums(lanes);
    this.told = new Float64Array(lanes);
    this.quiet = new Float64Array(lanes);
    this.peakResetMs = rules.peakResetMs;
  }

  /** All answer with `bytes`. */
  add(bytes: number): void {
    this.common += bytes;
  }

  /** The answers of `lanes` come to so many bytes more. */
  addMore(lanes: number, bytes: number): void {
    this.more.add(lanes, bytes);
  }

  /** The replies so far, `less` some, are in the buffers of `lanes`. */
  tell(lanes: number, less: number): void {
    const { quiet } = this;
    const { steps } = this.more;
    let bytes = this.common + less;
    for (let lane = 0; lanes >>> lane !== 0; lane++) {
      bytes += steps[lane];
      if (bytes > quiet[lane] && (lanes >>> lane) & 1) this.tellOne(lane, bytes);
    }
  }

  private tellOne(lane: number, bytes: number): void {
    const { told } = this;
    if (bytes <= told[lane]) return;
    this.buffers[lane].add(bytes - told[lane]);
    told[lane] = bytes;
    this.toldIn |= 1 << lane;
  }

  /** All that the buffers have been told of goes to the client. */
  send(): void {
    for (let rest = this.toldIn; rest !== 0; rest &= rest - 1) this.flush(laneOf(rest));
    this.toldIn = 0;
    this.forget();
  }

  private flush(lane: number): void {
    const { buffers, told, quiet } = this;
    buffers[lane].flush();
    // Empty, it has its own size to spare.
    quiet[lane] = Math.max(quiet[lane], Math.min(told[lane], buffers[lane].spare));
    told[lane] = 0;
  }

  /** What has not been told of was nothing. */
  forget(): void {
    this.common = 0;
    this.more.clear();
  }

  get areShrinking(): boolean {
    return this.buffers.some((buffer) => buffer.isShrinking);
  }

  /** The timer ticks, and is about to look at the buffers: when they forget their peaks, what they hold is the next one. */
  tick(nowMs: number): void {
    if (nowMs - this.lastResetMs < this.peakResetMs) return;
    this.lastResetMs = nowMs;
    this.quiet.fill(0);
    this.tell(this.all, 0);
  }

  /** The timer looks at the buffer of `lane`: whether it has got another size. */
  resize(lane: number, nowMs: number): boolean {
    const buffer = this.buffers[lane];
    const before = buffer.bytes;
    buffer.resize(nowMs);
    return buffer.bytes !== before;
  }
}
