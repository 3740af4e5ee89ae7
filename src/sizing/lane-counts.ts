import { LaneSums } from './lane-sums.ts';
import type { Counts } from './point.ts';

/** What a server that refuses writes came to after the warm-up. */
export interface RefusedCounts {
  readonly counts: Counts;
  /** Lookups of keys that are left out, while there was room for some of them. */
  readonly undecided: number;
}

/** What servers that go side by side count; who adds asks first whether it counts already. */
export class LaneCounts {
  /** Whether the warm-up is over. */
  isOn = false;
  readonly misses: LaneSums;
  readonly missBytes: LaneSums;
  readonly expiredKeys: LaneSums;
  readonly oomErrors: LaneSums;
  readonly undecided: LaneSums;

  constructor(lanes: number) {
    this.misses = new LaneSums(lanes);
    this.missBytes = new LaneSums(lanes);
    this.expiredKeys = new LaneSums(lanes);
    this.oomErrors = new LaneSums(lanes);
    this.undecided = new LaneSums(lanes);
  }

  toArray(): RefusedCounts[] {
    const missBytes = this.missBytes.toArray();
    const expiredKeys = this.expiredKeys.toArray();
    const oomErrors = this.oomErrors.toArray();
    const undecided = this.undecided.toArray();
    return this.misses.toArray().map((misses, lane) => ({
      counts: {
        misses,
        missBytes: missBytes[lane],
        evictedKeys: 0,
        expiredKeys: expiredKeys[lane],
        oomErrors: oomErrors[lane],
      },
      undecided: undecided[lane],
    }));
  }
}
