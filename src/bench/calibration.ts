/** Table of 16 MB: a replay's working set and more, so that what neighbours take of the caches is felt. */
const TABLE_BITS = 22;
const STEPS = 1 << 18;
const WORDS_PER_LINE = 16;
/** Of the loop, until it is compiled for good: the first one takes half as long again, or not, as chance has it. */
const WARMUPS = 5;

/**
 * How fast this machine is at this moment: a fixed loop of reads and writes all over a table, with arithmetic and a
 * branch nobody can predict on the way, as in a replay. Neighbours that take cache, memory bandwidth or clock rate from
 * a replay take them from this as well.
 */
export class Calibration {
  private readonly table = new Uint32Array(1 << TABLE_BITS).map((_, i) => Math.imul(i, 0x9e3779b1));
  private state = 1;
  /** Keeps the loop's arithmetic from being optimised away. */
  checksum = 0;

  constructor() {
    for (let i = 0; i < WARMUPS; i++) this.measure(() => 0);
  }

  /** Nanoseconds a step takes now, by `clock` (milliseconds). */
  measure(clock: () => number): number {
    const { table } = this;
    const mask = table.length - 1;
    let { state, checksum } = this;
    // What the task before has pushed out of the caches is not the machine's speed.
    for (let i = 0; i < table.length; i += WORDS_PER_LINE) checksum ^= table[i];
    const started = clock();
    for (let i = 0; i < STEPS; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const value = table[state & mask];
      if (((value ^ checksum) & 1) === 1) checksum = (checksum + value) | 0;
      else checksum = Math.imul(checksum ^ value, 0x01000193);
      checksum ^= checksum >>> 11;
      table[state & mask] = checksum;
    }
    const elapsed = clock() - started;
    this.state = state;
    this.checksum = checksum;
    return (elapsed * 1e6) / STEPS;
  }
}
