/** The first of some lanes: servers that go side by side, a bit each. */
export const laneOf = (lanes: number): number => 31 - Math.clz32(lanes & -lanes);

/**
 * A sum for each lane, added to for several lanes at once. Lanes are in order of size, and what one of them lacks those before it
 * mostly lack too, so what is kept is by how much each sum is more than that of the lane before: a row of lanes is two additions.
 */
export class LaneSums {
  /** One more than there are lanes: what ends with the last one. */
  readonly steps: Float64Array;

  constructor(lanes: number) {
    this.steps = new Float64Array(lanes + 1);
  }

  add(lanes: number, value: number): void {
    const { steps } = this;
    for (let rest = lanes; rest !== 0;) {
      // Carries through the first row of bits to the one behind it.
      const behind = (rest + (rest & -rest)) | 0;
      steps[31 - Math.clz32(rest & -rest)] += value;
      steps[31 - Math.clz32(behind & -behind)] -= value;
      rest = behind & (behind - 1);
    }
  }

  clear(): void {
    const { steps } = this;
    for (let lane = 0; lane < steps.length; lane++) steps[lane] = 0;
  }

  /** The sum of each lane. */
  toArray(): number[] {
    let sum = 0;
    return Array.from(this.steps.subarray(0, -1), (step) => (sum += step));
  }
}
