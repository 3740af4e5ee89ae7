import type { CopyOnWrite } from './fork.ts';
import { mix32 } from '../random.ts';
import type { Rounder } from './size-classes.ts';

/** Blocks from this size on are mapped one by one, a page longer than asked for, ... */
const LARGE_BYTES = 16 * 1024;
const PAGE_BYTES = 4096;
/** ... and begin at a random cache line of their first page (jemalloc's cache_oblivious). */
const CACHE_LINE_BYTES = 64;

/**
 * Where blocks lie, as far as pages go: jemalloc gives every size class slabs of whole pages that its regions fill
 * without a gap, so region after region has consecutive addresses within the class. A freed region is the next to be
 * handed out, as its thread cache does.
 *
 * Deviations: that cache is not of limited size here, and large blocks are not given back to the system.
 */
export class Slabs {
  private readonly round: Rounder;
  private readonly pages: CopyOnWrite;
  private readonly releasedAbove: number;
  private readonly classes = new Map<number, SizeClass>();

  /** A forked child gives the pages of blocks above `releasedAbove` bytes back once it has saved them. */
  constructor(round: Rounder, pages: CopyOnWrite, releasedAbove: number) {
    this.round = round;
    this.pages = pages;
    this.releasedAbove = releasedAbove;
  }

  /** The slot of a new block of `bytes`, which are written at once. */
  allocate(bytes: number): number {
    const sizeClass = this.classOf(bytes);
    const slot = sizeClass.free.pop() ?? sizeClass.slots++;
    this.write(slot, bytes, bytes);
    return slot;
  }

  free(slot: number, bytes: number): void {
    this.classOf(bytes).free.push(slot);
  }

  /** Writes the first `written` bytes of the block of `bytes` in a slot. */
  write(slot: number, bytes: number, written: number): void {
    const { region, slotBytes, strideBytes } = this.classOf(bytes);
    const from = slot * strideBytes + (strideBytes === slotBytes ? 0 : offsetOf(slot));
    const releasedTo = bytes > this.releasedAbove ? from + slotBytes : from;
    this.pages.write(region, from, written, releasedTo);
  }

  /** Writes the first `written` bytes of some block of `bytes`: the one that `share`, 0 … 1, of its class are before. */
  writeAnywhere(bytes: number, share: number, written: number): void {
    this.write(Math.floor(share * this.classOf(bytes).slots), bytes, written);
  }

  /** Whether blocks of these two sizes are of one class, so that one may take the other's place. */
  isSameClass(a: number, b: number): boolean {
    return this.round(a) === this.round(b);
  }

  private classOf(bytes: number): SizeClass {
    const slotBytes = this.round(bytes);
    let sizeClass = this.classes.get(slotBytes);
    if (sizeClass === undefined) {
      const strideBytes = slotBytes < LARGE_BYTES ? slotBytes : slotBytes + PAGE_BYTES;
      sizeClass = { region: this.pages.region(), slotBytes, strideBytes, slots: 0, free: [] };
      this.classes.set(slotBytes, sizeClass);
    }
    return sizeClass;
  }
}

interface SizeClass {
  readonly region: number;
  readonly slotBytes: number;
  /** From one slot to the next. */
  readonly strideBytes: number;
  slots: number;
  readonly free: number[];
}

const offsetOf = (slot: number): number =>
  CACHE_LINE_BYTES * (mix32(slot) % (PAGE_BYTES / CACHE_LINE_BYTES));
