import { type NaivePolicy, type NaiveServer, take } from './naive-policy.ts';

/** W-TinyLFU: three arrays, the longest untouched first, and exact counts (up to 15) instead of a sketch. */
export class NaiveWTinyLfu implements NaivePolicy {
  private readonly server: NaiveServer;
  private readonly window: number[] = [];
  private readonly probation: number[] = [];
  private readonly guarded: number[] = [];
  private readonly counts = new Map<number, number>();
  private additions = 0;
  private candidate: number | undefined;

  constructor(server: NaiveServer) {
    this.server = server;
  }

  private bytes(...segments: readonly number[][]): number {
    return segments.flat().reduce((sum, id) => sum + this.server.bytesOf(id), 0);
  }

  private countOf(id: number): number {
    return this.counts.get(id) ?? 0;
  }

  private count(id: number): void {
    this.counts.set(id, Math.min(15, this.countOf(id) + 1));
    if (++this.additions < 10 * this.server.residents()) return;
    for (const [key, count] of this.counts) this.counts.set(key, Math.floor(count / 2));
    this.additions = Math.floor(this.additions / 2);
  }

  onHit(id: number): void {
    this.count(id);
    const segment = [this.window, this.probation, this.guarded].find((s) => s.includes(id))!;
    take(segment, id);
    if (segment !== this.probation) {
      segment.push(id);
      return;
    }
    if (this.candidate === id) this.candidate = undefined;
    this.guarded.push(id);
    while (this.bytes(this.guarded) > 0.8 * this.bytes(this.probation, this.guarded)) {
      this.probation.push(this.guarded.shift()!);
    }
  }

  onInsert(id: number): void {
    this.count(id);
    this.window.push(id);
    const { window, probation, guarded } = this;
    while (
      window.length > 1 &&
      this.bytes(window) > 0.01 * this.bytes(window, probation, guarded)
    ) {
      this.candidate = window.shift()!;
      probation.push(this.candidate);
    }
  }

  onRemove(id: number): void {
    if (this.candidate === id) this.candidate = undefined;
    take(
      [this.window, this.probation, this.guarded].find((s) => s.includes(id))!,
      id,
    );
  }

  chooseVictim(): number | undefined {
    const { candidate } = this;
    this.candidate = undefined;
    const oldest = this.probation.at(0);
    if (candidate !== undefined && oldest !== undefined) {
      return this.countOf(candidate) > this.countOf(oldest) ? oldest : candidate;
    }
    return oldest ?? this.guarded.at(0) ?? this.window.at(0);
  }
}
