import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';

/** How a version keeps the replies a client has not read yet. */
export interface ReplyBufferRules {
  /** The buffer follows the client's demand, between these sizes; below 7.0 it is of one size for good. */
  readonly resizes: boolean;
  readonly smallestBytes: number;
  readonly largestBytes: number;
  /** How long a peak is remembered. */
  readonly peakResetMs: number;
}

const BLOCK_HEADER_BYTES = 24;

/**
 * Fields that the kernel shares (src/kernel/replies.ts): bytes that wait, that fit into buffer and blocks, and the most that
 * waited when they were sent, since the timer last looked.
 */
const PENDING = 0;
const ROOM = 1;
const HIGHEST = 2;
const FIELDS = 3;

/**
 * The reply buffer of the one client of a replay. It is part of `used_memory`, so its size, which follows what the
 * client reads, decides now and then whether a write still fits: with values of mixed size this moves the keys that
 * noeviction keeps by several percent (measured; docs/model.md). Replies that do not fit get a block of their own
 * until they are sent. The client was idle before: it is in the account with a buffer of the smallest size.
 * Source: networking.c, _addReplyToBuffer; server.c, clientsCronResizeOutputBuffer.
 */
export class ReplyBuffer {
  private readonly rules: ReplyBufferRules;
  private readonly account: MemoryAccount;
  private readonly round: Rounder;
  /** What an idle client's buffer holds, which the account has already. */
  private readonly idleSize: number;
  /** Bytes the buffer holds. */
  private size: number;
  private peak = 0;
  private blockBytes = 0;
  /** Bytes of replies that the blocks hold. */
  private blockCapacity = 0;
  private lastResetMs: number;
  private readonly fields: Float64Array;

  constructor(
    rules: ReplyBufferRules,
    account: MemoryAccount,
    round: Rounder,
    startMs: number,
    fields: Float64Array = new Float64Array(FIELDS),
  ) {
    this.rules = rules;
    this.account = account;
    this.round = round;
    this.idleSize = rules.resizes ? rules.smallestBytes : rules.largestBytes;
    this.size = this.idleSize;
    this.lastResetMs = startMs;
    this.fields = fields;
    this.measure();
  }

  private get pending(): number {
    return this.fields[PENDING];
  }

  private set pending(bytes: number) {
    this.fields[PENDING] = bytes;
  }

  /** Size or blocks have changed. */
  private measure(): void {
    this.fields[ROOM] = this.size + this.blockCapacity;
  }

  /** What it adds to an idle client, bytes. */
  get bytes(): number {
    return this.size + this.blockBytes - this.idleSize;
  }

  /** Whether more ticks without traffic would still change its size. */
  get isShrinking(): boolean {
    return this.rules.resizes && this.size / 2 >= this.rules.smallestBytes;
  }

  /** Bytes of replies that fit without another block. */
  get spare(): number {
    return this.fields[ROOM] - this.pending;
  }

  /** The server answers with `bytes`. */
  add(bytes: number): void {
    this.pending += bytes;
    const overflow = this.pending - this.fields[ROOM];
    if (overflow > 0) this.addBlock(overflow);
  }

  /** The replies that wait exceed what there is for them by `overflow` bytes. */
  addBlock(overflow: number): void {
    const content = Math.max(overflow, this.rules.largestBytes);
    const bytes = this.round(content + BLOCK_HEADER_BYTES);
    this.blockBytes += bytes;
    this.blockCapacity += bytes - BLOCK_HEADER_BYTES;
    this.account.used += bytes;
    this.measure();
  }

  /** All replies are written to the client. */
  flush(): void {
    if (this.pending > this.fields[HIGHEST]) this.fields[HIGHEST] = this.pending;
    this.pending = 0;
    if (this.blockBytes > 0) this.dropBlocks();
  }

  /** What the blocks held is sent. */
  dropBlocks(): void {
    this.account.used -= this.blockBytes;
    this.blockBytes = 0;
    this.blockCapacity = 0;
    this.measure();
  }

  /** The timer's look at the buffer, at unix time `nowMs`: smaller when half of it was not needed, larger when full. */
  resize(nowMs: number): void {
    const { smallestBytes, largestBytes, resizes, peakResetMs } = this.rules;
    if (!resizes) return;
    const held = Math.min(this.pending, this.size);
    this.peak = Math.max(this.peak, held, Math.min(this.fields[HIGHEST], this.size));
    this.fields[HIGHEST] = 0;
    let wanted = 0;
    if (this.size / 2 >= smallestBytes && this.peak < this.size / 2) {
      wanted = Math.max(smallestBytes, this.peak + 1);
    } else if (this.size * 2 < largestBytes * 2 && this.peak === this.size) {
      wanted = Math.min(largestBytes, this.size * 2);
    }
    if (nowMs - this.lastResetMs >= peakResetMs) {
      this.peak = held;
      this.lastResetMs = nowMs;
    }
    if (wanted === 0) return;
    const size = this.round(wanted);
    this.account.used += size - this.size;
    this.size = size;
    this.measure();
  }
}
