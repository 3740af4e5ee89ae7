import { ReplyBuffer, type ReplyBufferRules } from '../engine/reply-buffer.ts';
import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import { LaneSums } from './lane-sums.ts';

/** The reply buffers of servers that answer the same requests: what they have to be told of what is answered. */
export class LaneReplies {
  readonly smallestBytes: number;
  private readonly buffers: readonly ReplyBuffer[];
  private readonly all: number;
  /** Bytes of the replies of this batch, what some servers' come to more, and what their buffers have been told of. */
  private common = 0;
  private readonly more: LaneSums;
  private readonly told: Float64Array;

  constructor(rules: ReplyBufferRules, accounts: readonly MemoryAccount[], round: Rounder) {
    const lanes = accounts.length;
    this.smallestBytes = rules.smallestBytes;
    this.buffers = accounts.map((account) => new ReplyBuffer(rules, account, round, 0));
    this.all = 2 ** lanes - 1;
    this.more = new LaneSums(lanes);
    this.told = new Float64Array(lanes);
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
    const { told, buffers } = this;
    const { steps } = this.more;
    let bytes = this.common + less;
    for (let lane = 0; lanes >>> lane !== 0; lane++) {
      bytes += steps[lane];
      if (((lanes >>> lane) & 1) === 0 || bytes <= told[lane]) continue;
      buffers[lane].add(bytes - told[lane]);
      told[lane] = bytes;
    }
  }

  /** All that there are go to the client. */
  send(): void {
    this.tell(this.all, 0);
    for (const buffer of this.buffers) buffer.flush();
    this.told.fill(0);
    this.forget();
  }

  /** What has not been told of was nothing. */
  forget(): void {
    this.common = 0;
    this.more.clear();
  }

  get areShrinking(): boolean {
    return this.buffers.some((buffer) => buffer.isShrinking);
  }

  /** The timer looks at the buffer of `lane`: whether it has got another size. */
  resize(lane: number, nowMs: number): boolean {
    const buffer = this.buffers[lane];
    const before = buffer.bytes;
    buffer.resize(nowMs);
    return buffer.bytes !== before;
  }
}
