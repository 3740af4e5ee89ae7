import type { NaivePolicy } from './naive-policy.ts';

/** SIEVE: an array, the oldest first, and the hand as an index into it. */
export class NaiveSieve implements NaivePolicy {
  private readonly order: { id: number; visited: boolean }[] = [];
  private hand = 0;

  onHit(id: number): void {
    this.order.find((entry) => entry.id === id)!.visited = true;
  }

  onInsert(id: number): void {
    this.order.push({ id, visited: false });
  }

  onRemove(id: number): void {
    const at = this.order.findIndex((entry) => entry.id === id);
    this.order.splice(at, 1);
    if (at < this.hand) this.hand--;
    if (this.hand === this.order.length) this.hand = 0;
  }

  chooseVictim(): number | undefined {
    if (this.order.length === 0) return undefined;
    while (this.order[this.hand].visited) {
      this.order[this.hand].visited = false;
      this.hand = (this.hand + 1) % this.order.length;
    }
    return this.order[this.hand].id;
  }
}
