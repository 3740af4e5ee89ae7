import { mix32 } from '../random.ts';

/** Steps of a child's progress at which its copies are counted. */
const STEPS = 64;
const FIRST_PAGES = 1024;
const TWO_POW_32 = 2 ** 32;
/**
 * From when jemalloc has all of a slab to when the system does. Measured as how far the RSS of children of Valkey 8.1.1 and
 * 9.1.2 was behind their progress while nothing was written: 1.8 to 4.0 s, 2.75 on average (docs/ram.md).
 */
const DECAY_MS = 2750;

/** Memory that a child frees block by block: a slab goes back to the system some time after its last block is free. */
export interface FreedSlabs {
  readonly slabBytes: number;
  readonly blocks: number;
}

/**
 * Copy-on-write: which pages of the parent are written while a forked child shares them, and so exist twice. A page
 * is copied at its first write after the fork, and once.
 *
 * A child that gives the pages of a large value back once it has saved it (MADV_DONTNEED), or frees all its strings, needs
 * no copy of them any more; when it gets there is a matter of the key's hash, uniform over its life.
 */
export class CopyOnWrite {
  readonly pageBytes: number;
  /** Per region and page, the child that the page was last copied for. */
  private readonly copiedFor: Uint32Array[] = [];
  /** Per region, pages written so far, and how many of them there were at the fork: later ones are the parent's own. */
  private readonly pages: number[] = [];
  private readonly sharedPages: number[] = [];
  private readonly freed: (FreedSlabs | undefined)[] = [];
  private child = 0;
  private isAlive = false;
  private step = 0;
  /** Steps from when a slab is free to when it is given back. */
  private decaySteps = 0;
  /** Pages copied that stay so until the child ends. */
  private lasting = 0;
  /** Pages copied that the child gives back at a step. */
  private readonly releasedAt = new Uint32Array(STEPS);
  private held = 0;
  /** Pages that the child writes itself, by the step at which it does: region and page, pair after pair. */
  private readonly ownWrites = Array.from({ length: STEPS }, (): number[] => []);
  private peakPages = 0;
  /** Of the copied pages, those that the child wrote first: now, to be given back at a step, and at the peak. */
  private own = 0;
  private readonly ownReleasedAt = new Uint32Array(STEPS);
  private peakOwn = 0;

  constructor(pageBytes: number) {
    this.pageBytes = pageBytes;
  }

  /** A new range of addresses; `freed` if children free what it holds. */
  region(freed?: FreedSlabs): number {
    this.freed.push(freed);
    this.pages.push(0);
    this.sharedPages.push(0);
    this.copiedFor.push(new Uint32Array(FIRST_PAGES));
    return this.copiedFor.length - 1;
  }

  /** A child is born that lives so long: no page is copied yet. */
  fork(lifeMs = Infinity): void {
    this.decaySteps = (DECAY_MS / lifeMs) * STEPS;
    this.child++;
    this.isAlive = true;
    this.step = 0;
    this.lasting = 0;
    this.held = 0;
    this.peakPages = 0;
    this.own = 0;
    this.peakOwn = 0;
    this.releasedAt.fill(0);
    this.ownReleasedAt.fill(0);
    for (const writes of this.ownWrites) writes.length = 0;
    for (const [region, pages] of this.pages.entries()) this.sharedPages[region] = pages;
  }

  /** The child has done this share of its work, 0 … 1. */
  progress(share: number): void {
    const step = Math.min(STEPS - 1, Math.floor(share * STEPS));
    while (this.step < step) {
      this.held -= this.releasedAt[this.step];
      this.own -= this.ownReleasedAt[this.step];
      this.step++;
      this.writeOwn();
    }
  }

  /** The child ends; answers with the most bytes that were copied at any time of its life. */
  exit(): number {
    this.isAlive = false;
    return this.peakPages * this.pageBytes;
  }

  /** How many of the bytes that {@link exit} answered with the child wrote itself. */
  get ownBytes(): number {
    return this.peakOwn * this.pageBytes;
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
    for (let page = Math.floor(from / pageBytes); page <= last; page++) {
      const isReleased = page * pageBytes >= from && (page + 1) * pageBytes <= releasedTo;
      const step = isReleased ? this.stepOfRelease(region, page) : this.stepOfDecay(region, page);
      this.copy(region, page, step, false);
    }
  }

  /** The child born last writes `bytes` from address `from` on, some time before the slab there is free. */
  childWrites(region: number, from: number, bytes: number): void {
    const { pageBytes } = this;
    const last = Math.floor((from + bytes - 1) / pageBytes);
    const share = mix32(mix32(from ^ (region << 24)) ^ this.child) / TWO_POW_32;
    for (let page = Math.floor(from / pageBytes); page <= last; page++) {
      const freed = Math.min(1, this.shareWhenFree(region, page));
      // Not before the first step: none is taken at birth.
      this.ownWrites[Math.max(1, Math.floor(share * freed * STEPS))].push(region, page);
    }
  }

  private writeOwn(): void {
    const writes = this.ownWrites[this.step];
    for (let i = 0; i < writes.length; i += 2) {
      const [region, page] = [writes[i], writes[i + 1]];
      this.copy(region, page, this.stepOfDecay(region, page), true);
    }
  }

  /** A page is written that the child gives back at a step, or with its end. */
  private copy(region: number, page: number, step: number, isOwn: boolean): void {
    let copied = this.copiedFor[region];
    if (page >= copied.length) copied = this.grow(region, page);
    if (copied[page] === this.child) return;
    copied[page] = this.child;
    // Given back already before that: the parent owns the page alone.
    if (step < this.step) return;
    if (step >= STEPS) this.lasting++;
    else {
      this.releasedAt[step]++;
      this.held++;
    }
    if (isOwn) {
      this.own++;
      if (step < STEPS) this.ownReleasedAt[step]++;
    }
    if (this.lasting + this.held <= this.peakPages) return;
    this.peakPages = this.lasting + this.held;
    this.peakOwn = this.own;
  }

  private stepOfRelease(region: number, page: number): number {
    return mix32(mix32(page ^ (region << 24)) ^ this.child) % STEPS;
  }

  private stepOfDecay(region: number, page: number): number {
    return Math.floor(this.shareWhenFree(region, page) * STEPS + this.decaySteps);
  }

  /** Share of a child's life after which all slabs in a page are free, the last of their blocks at last. */
  private shareWhenFree(region: number, page: number): number {
    const freed = this.freed[region];
    if (freed === undefined) return Infinity;
    const bytes = Math.max(this.pageBytes, freed.slabBytes);
    const blocks = (freed.blocks * bytes) / freed.slabBytes;
    const slab = Math.floor((page * this.pageBytes) / bytes);
    return (mix32(mix32(slab ^ (region << 24)) ^ this.child) / TWO_POW_32) ** (1 / blocks);
  }

  private grow(region: number, page: number): Uint32Array {
    const old = this.copiedFor[region];
    const grown = new Uint32Array(Math.max(page + 1, old.length * 2));
    grown.set(old);
    this.copiedFor[region] = grown;
    return grown;
  }
}
