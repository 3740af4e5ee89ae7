import { REMOVED_BY_EVICTION, type RemovalReason } from '../../src/policies/policy.ts';
import { type NaivePolicy, type NaiveServer, take } from './naive-policy.ts';

/** S3-FIFO: three arrays, the oldest first; bytes are added up whenever they are asked for. */
export class NaiveS3Fifo implements NaivePolicy {
  private readonly server: NaiveServer;
  private readonly small: number[] = [];
  private readonly main: number[] = [];
  private ghosts: number[] = [];
  private readonly touches = new Map<number, number>();

  constructor(server: NaiveServer) {
    this.server = server;
  }

  private bytes(queue: readonly number[]): number {
    return queue.reduce((sum, id) => sum + this.server.bytesOf(id), 0);
  }

  onHit(id: number): void {
    this.touches.set(id, Math.min(3, this.touches.get(id)! + 1));
  }

  onInsert(id: number): void {
    this.touches.set(id, 0);
    if (this.ghosts.includes(id)) {
      take(this.ghosts, id);
      this.main.push(id);
    } else {
      this.small.push(id);
    }
  }

  onRemove(id: number, reason: RemovalReason): void {
    if (this.main.includes(id)) {
      take(this.main, id);
      return;
    }
    take(this.small, id);
    if (reason !== REMOVED_BY_EVICTION) return;
    this.ghosts.push(id);
    const allowed = Math.floor(this.server.residents() * 0.9);
    this.ghosts = allowed === 0 ? [] : this.ghosts.slice(-allowed);
  }

  chooseVictim(): number | undefined {
    while (this.small.length + this.main.length > 0) {
      const small = this.bytes(this.small);
      const isSmallFull = small >= 0.1 * (small + this.bytes(this.main));
      if (this.main.length === 0 || isSmallFull) {
        const oldest = this.small[0];
        if (this.touches.get(oldest)! < 2) return oldest;
        this.touches.set(oldest, 0);
        this.main.push(this.small.shift()!);
      } else {
        const oldest = this.main[0];
        if (this.touches.get(oldest) === 0) return oldest;
        this.touches.set(oldest, this.touches.get(oldest)! - 1);
        this.main.push(this.main.shift()!);
      }
    }
    return undefined;
  }
}
