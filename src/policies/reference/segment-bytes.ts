import { InvariantError } from '../../errors.ts';
import type { KeyRecords } from '../../keyspace/key-records.ts';
import { NO_ITEM } from '../../structures/index-lists.ts';

/** The segment of keys that are not resident. */
export const NOWHERE = 0;

/**
 * Which segment of a policy each key is in, and the resident bytes of every segment.
 *
 * A policy is told of a key before its size changes (an overwrite, a TTL), so the key touched last may weigh something
 * else by now: {@link settle} weighs it again. After it, the sums are exact. 5 bytes per resident key.
 */
export class SegmentBytes {
  /** All segments together. */
  total = 0;
  private readonly records: KeyRecords;
  private readonly segments: Uint8Array;
  private readonly charged: Int32Array;
  private readonly sums: Float64Array;
  private touched = NO_ITEM;

  /** `segments`: how many there are, NOWHERE included. */
  constructor(records: KeyRecords, segments: number) {
    this.records = records;
    this.segments = new Uint8Array(records.slotLimit);
    this.charged = new Int32Array(records.slotLimit);
    this.sums = new Float64Array(segments);
  }

  segmentOf(slot: number): number {
    return this.segments[slot];
  }

  /** Bytes of the keys in `segment`. */
  of(segment: number): number {
    return this.sums[segment];
  }

  /** To be called when the size of a resident key is about to change, and whenever it may be. */
  touch(slot: number): void {
    this.settle();
    this.touched = slot;
  }

  /** Brings the sums up to date with the key touched last. */
  settle(): void {
    const slot = this.touched;
    if (slot === NO_ITEM || this.segments[slot] === NOWHERE) return;
    const change = this.records.bytes[slot] - this.charged[slot];
    if (change === 0) return;
    this.charged[slot] += change;
    this.sums[this.segments[slot]] += change;
    this.total += change;
  }

  /** A key becomes resident, in `segment`. */
  enter(slot: number, segment: number): void {
    this.settle();
    this.segments[slot] = segment;
    this.touched = slot;
    this.settle();
  }

  /** A resident key changes to `segment`. */
  move(slot: number, segment: number): void {
    const bytes = this.charged[slot];
    this.sums[this.segments[slot]] -= bytes;
    this.sums[segment] += bytes;
    this.segments[slot] = segment;
  }

  /** A key is about to leave. */
  leave(slot: number): void {
    this.settle();
    this.sums[this.segments[slot]] -= this.charged[slot];
    this.total -= this.charged[slot];
    this.charged[slot] = 0;
    this.segments[slot] = NOWHERE;
  }

  /** Throws InvariantError unless `members` are in `segment` and their bytes are its sum. Settles first. */
  check(policy: string, segment: number, members: readonly number[]): void {
    this.settle();
    let bytes = 0;
    for (const slot of members) {
      if (this.segments[slot] !== segment) {
        throw new InvariantError(`${policy}: the key of slot ${slot} is not in segment ${segment}`);
      }
      bytes += this.records.bytes[slot];
    }
    if (bytes !== this.sums[segment]) {
      throw new InvariantError(
        `${policy}: segment ${segment} holds ${bytes} bytes, not ${this.sums[segment]}`,
      );
    }
  }
}
