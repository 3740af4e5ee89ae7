import { InvariantError } from '../../errors.ts';
import type { KeyRecords } from '../../keyspace/key-records.ts';
import { NO_ITEM } from '../../structures/index-lists.ts';

/** The segment of keys that are not resident. */
export const NOWHERE = 0;

/**
 * Which segment of a policy each key is in, and the resident bytes of every segment.
 *
 * A policy is told of a key before its size changes (an overwrite, a TTL), so the key touched last may weigh something
 * else by now: {@link settle} weighs it again. After it, the sums are exact. 5 bytes per key of the trace.
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
    this.segments = new Uint8Array(records.keyCount);
    this.charged = new Int32Array(records.keyCount);
    this.sums = new Float64Array(segments);
  }

  segmentOf(id: number): number {
    return this.segments[id];
  }

  /** Bytes of the keys in `segment`. */
  of(segment: number): number {
    return this.sums[segment];
  }

  /** To be called when the size of a resident key is about to change, and whenever it may be. */
  touch(id: number): void {
    this.settle();
    this.touched = id;
  }

  /** Brings the sums up to date with the key touched last. */
  settle(): void {
    const id = this.touched;
    if (id === NO_ITEM || this.segments[id] === NOWHERE) return;
    const change = this.records.bytesOf(id) - this.charged[id];
    if (change === 0) return;
    this.charged[id] += change;
    this.sums[this.segments[id]] += change;
    this.total += change;
  }

  /** A key becomes resident, in `segment`. */
  enter(id: number, segment: number): void {
    this.settle();
    this.segments[id] = segment;
    this.touched = id;
    this.settle();
  }

  /** A resident key changes to `segment`. */
  move(id: number, segment: number): void {
    const bytes = this.charged[id];
    this.sums[this.segments[id]] -= bytes;
    this.sums[segment] += bytes;
    this.segments[id] = segment;
  }

  /** A key is about to leave. */
  leave(id: number): void {
    this.settle();
    this.sums[this.segments[id]] -= this.charged[id];
    this.total -= this.charged[id];
    this.charged[id] = 0;
    this.segments[id] = NOWHERE;
  }

  /** Throws InvariantError unless `members` are in `segment` and their bytes are its sum. Settles first. */
  check(policy: string, segment: number, members: readonly number[]): void {
    this.settle();
    let bytes = 0;
    for (const id of members) {
      if (this.segments[id] !== segment) {
        throw new InvariantError(`${policy}: key ${id} is not in segment ${segment}`);
      }
      bytes += this.records.bytesOf(id);
    }
    if (bytes !== this.sums[segment]) {
      throw new InvariantError(
        `${policy}: segment ${segment} holds ${bytes} bytes, not ${this.sums[segment]}`,
      );
    }
  }
}
