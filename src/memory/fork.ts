import { mix32 } from '../random.ts';

/** Steps of a child's progress at which its copies are counted. */
const STEPS = 64;
const FIRST_PAGES = 1024;

/**
 * Copy-on-write: which pages of the parent are written while a forked child shares them, and so exist twice. A page
 * is copied at its first write after the fork, and once.
 *
 * A child that gives the pages of a large value back once it has saved it (MADV_DONTNEED) needs no copy of them any
 * more; when it gets there is a matter of the key's hash, uniform over its life.
 */
export class CopyOnWrite {
  readonly pageBytes: number;
  /** Per region and page, the child that the page was last copied for. */
  private readonly copiedFor: Uint32Array[] = [];
  /** Per region, pages written so far, and how many of them there were at the fork: later ones are the parent's own. */
  private readonly pages: number[] = [];
  private readonly sharedPages: number[] = [];
  private child = 0;
  private isAlive = false;
  private step = 0;
  /** Pages copied that stay so until the child ends. */
  private lasting = 0;
  /** Pages copied that the child gives back at a step. */
  private readonly releasedAt = new Uint32Array(STEPS);
  private held = 0;
  private peakPages = 0;

  constructor(pageBytes: number) {
    this.pageBytes = pageBytes;
  }

  /** A new range of addresses. */
  region(): number {
    this.pages.push(0);
    this.sharedPages.push(0);
    this.copiedFor.push(new Uint32Array(FIRST_PAGES));
    return this.copiedFor.length - 1;
  }

  /** A child is born: no page is copied yet. */
  fork(): void {
    this.child++;
    this.isAlive = true;
    this.step = 0;
    this.lasting = 0;
    this.held = 0;
    this.peakPages = 0;
    this.releasedAt.fill(0);
    for (const [region, pages] of this.pages.entries()) this.sharedPages[region] = pages;
  }

  /** The child has done this share of its work, 0 … 1. */
  progress(share: number): void {
    const step = Math.min(STEPS - 1, Math.floor(share * STEPS));
    while (this.step < step) {
      this.held -= this.releasedAt[this.step];
      this.step++;
    }
  }

  /** The child ends; answers with the most bytes that were copied at any time of its life. */
  exit(): number {
    this.isAlive = false;
    return this.peakPages * this.pageBytes;
  }

  /**
   * The parent writes `bytes` from address `from` on. The child gives whole pages between `from` and `releasedTo` back
   * when it has saved what they held.
   */
  write(region: number, from: number, bytes: number, releasedTo: number): void {
    const { pageBytes } = this;
    const end = Math.floor((from + bytes - 1) / pageBytes) + 1;
    if (end > this.pages[region]) this.pages[region] = end;
    if (!this.isAlive) return;
    const last = Math.min(end, this.sharedPages[region]) - 1;
    let copied = this.copiedFor[region];
    if (last >= copied.length) copied = this.grow(region, last);
    for (let page = Math.floor(from / pageBytes); page <= last; page++) {
      if (copied[page] === this.child) continue;
      copied[page] = this.child;
      const isReleased = page * pageBytes >= from && (page + 1) * pageBytes <= releasedTo;
      if (isReleased) this.copyUntilReleased(region, page);
      else this.lasting++;
      this.peakPages = Math.max(this.peakPages, this.lasting + this.held);
    }
  }

  private copyUntilReleased(region: number, page: number): void {
    const step = mix32(mix32(page ^ (region << 24)) ^ this.child) % STEPS;
    // Given back already: the parent owns the page alone.
    if (step < this.step) return;
    this.releasedAt[step]++;
    this.held++;
  }

  private grow(region: number, page: number): Uint32Array {
    const old = this.copiedFor[region];
    const grown = new Uint32Array(Math.max(page + 1, old.length * 2));
    grown.set(old);
    this.copiedFor[region] = grown;
    return grown;
  }
}
