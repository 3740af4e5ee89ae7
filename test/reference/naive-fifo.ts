import { type NaivePolicy, take } from './naive-policy.ts';

/** FIFO: an array, the oldest first. */
export class NaiveFifo implements NaivePolicy {
  private readonly order: number[] = [];

  onHit(): void {
    // Uses do not count.
  }

  onInsert(id: number): void {
    this.order.push(id);
  }

  onRemove(id: number): void {
    take(this.order, id);
  }

  chooseVictim(): number | undefined {
    return this.order[0];
  }
}
