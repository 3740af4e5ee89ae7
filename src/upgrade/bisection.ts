/** What a try came to: the goal was reached, it was not, or it was not and more will never help. */
export type Tried = 'reached' | 'short' | 'hopeless';

/** How far the first step goes from the start, as a share of the way from the floor; every step is twice as long. */
const FIRST_STEP = 0.05;

/**
 * Searches the smallest whole number above a floor that reaches a goal: doubling steps from a start until the goal lies
 * between two tries, then halves the interval. Where reaching it is not monotone, it finds one of the places where it
 * changes.
 */
export class Bisection {
  private readonly floor: number;
  private readonly resolution: number;
  private step: number;
  /** The largest number known to fall short; the floor does. */
  low: number;
  /** The smallest number known to reach; undefined while none is. */
  high: number | undefined = undefined;
  /** What to try next; undefined when the search is over. */
  next: number | undefined;

  /** `resolution`: a share of the number found, such as 0.002, that the interval may be wide. */
  constructor(start: number, floor: number, resolution: number) {
    this.floor = floor;
    this.resolution = resolution;
    this.low = floor;
    this.step = Math.max(1, Math.round((start - floor) * FIRST_STEP));
    this.next = start;
  }

  /** What the last try came to. */
  tell(tried: Tried): void {
    const value = this.next;
    if (value === undefined) return;
    if (tried === 'reached') this.high = value;
    else this.low = value;
    this.next = tried === 'hopeless' && this.high === undefined ? undefined : this.following(value);
  }

  private following(value: number): number | undefined {
    const { low, high } = this;
    if (high === undefined) return value + this.lengthened();
    if (high - low <= Math.max(1, this.resolution * high)) return undefined;
    const below = high - this.step;
    if (low === this.floor && below > low) {
      this.lengthened();
      return below;
    }
    return Math.floor((low + high) / 2);
  }

  private lengthened(): number {
    const { step } = this;
    this.step *= 2;
    return step;
  }
}
