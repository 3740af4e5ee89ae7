import { type NaivePolicy, take } from './naive-policy.ts';

/** LRU: an array, the longest untouched first. */
export class NaiveLru implements NaivePolicy {
  private readonly order: number[] = [];

  onHit(id: number): void {
    take(this.order, id);
    this.order.push(id);
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
