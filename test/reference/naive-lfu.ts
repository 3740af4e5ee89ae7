import type { NaivePolicy } from './naive-policy.ts';

/** LFU: counts and times of the last touch, sorted at every eviction. */
export class NaiveLfu implements NaivePolicy {
  private readonly touches = new Map<number, { count: number; last: number }>();
  private time = 0;

  onHit(id: number): void {
    this.touches.set(id, { count: this.touches.get(id)!.count + 1, last: this.time++ });
  }

  onInsert(id: number): void {
    this.touches.set(id, { count: 1, last: this.time++ });
  }

  onRemove(id: number): void {
    this.touches.delete(id);
  }

  chooseVictim(): number | undefined {
    const order = [...this.touches].sort(([, a], [, b]) => a.count - b.count || a.last - b.last);
    return order[0]?.[0];
  }
}
