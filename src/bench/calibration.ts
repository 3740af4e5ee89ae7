import { Random } from '../random.ts';

/** Table of 4 MB: as large as what a replay touches, larger than most second-level caches. */
const SLOTS = 1 << 20;
const STEPS = 1 << 19;

/**
 * How fast this machine is at this moment: a fixed walk through memory where each step needs the one before it, with a
 * little arithmetic on the way, as in a replay. Neighbours that take cache, memory bandwidth or clock rate from a replay
 * take them from this as well, so their ratio varies less than either.
 */
export class Calibration {
  private readonly next: Uint32Array;
  private position = 0;
  /** Keeps the loop's arithmetic from being optimised away. */
  checksum = 0;

  constructor() {
    // One cycle through all slots (Sattolo), so that no walk gets stuck in a short one.
    const random = new Random(1, 'calibration');
    const next = Uint32Array.from({ length: SLOTS }, (_, i) => i);
    for (let i = SLOTS - 1; i > 0; i--) {
      const j = random.below(i);
      const kept = next[i];
      next[i] = next[j];
      next[j] = kept;
    }
    this.next = next;
  }

  /** Nanoseconds a step takes now, by `clock` (milliseconds). */
  measure(clock: () => number): number {
    const { next } = this;
    let { position, checksum } = this;
    const started = clock();
    for (let i = 0; i < STEPS; i++) {
      position = next[position];
      checksum = (Math.imul(checksum ^ position, 0x01000193) + (checksum >>> 7)) | 0;
      if ((checksum & 15) === 3) checksum ^= i;
    }
    const elapsed = clock() - started;
    this.position = position;
    this.checksum = checksum;
    return (elapsed * 1e6) / STEPS;
  }
}
