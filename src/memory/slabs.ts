import type { CopyOnWrite, FreedSlabs } from './fork.ts';
import { mix32 } from '../random.ts';
import type { ServerProfile } from '../servers/profile.ts';
import type { Rounder } from './size-classes.ts';

/** Blocks from this size on are mapped one by one, a page longer than asked for, ... */
const LARGE_BYTES = 16 * 1024;
const PAGE_BYTES = 4096;
/** ... and begin at a random cache line of their first page (jemalloc's cache_oblivious). */
const CACHE_LINE_BYTES = 64;
/** Pages of strings above half a page are given back by a child that does. */
const RELEASED_ABOVE_BYTES = 2048;

/** Shorter strings are compressed into a buffer that stays (LZF_STATIC_BUFFER_SIZE of rdb.c, Valkey 8.1 and 9.1). */
const STATIC_BUFFER_BYTES = 8192;
/** Longest block of jemalloc's thread cache (its manual, tcache_max): longer ones go where they fit, often to the same place. */
const CACHED_BYTES = 32 * 1024;
/** jemalloc 5.3's edata_t. */
const SLAB_RECORD_BYTES = 128;

type AfterSaving = ServerProfile['childAfterSaving'];

/**
 * Where blocks lie, as far as pages go: jemalloc gives every size class slabs of whole pages that its regions fill
 * without a gap, so region after region has consecutive addresses within the class. A freed region is the next to be
 * handed out, as its thread cache does.
 *
 * Deviations: that cache is not of limited size here, large blocks are not given back to the system, and a child that frees
 * strings frees all blocks of their classes (keys are small ones, whose slabs it can't give back before its end anyway).
 */
export class Slabs {
  private readonly round: Rounder;
  private readonly pages: CopyOnWrite;
  private readonly afterSaving: AfterSaving;
  private readonly classes = new Map<number, SizeClass>();
  /** What the allocator has to say of each slab. */
  private readonly records: number;

  /** `afterSaving`: what a forked child does with strings it has saved. */
  constructor(round: Rounder, pages: CopyOnWrite, afterSaving: AfterSaving) {
    this.round = round;
    this.pages = pages;
    this.afterSaving = afterSaving;
    this.records = pages.region();
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
    const sizeClass = this.classOf(bytes);
    const { region, slotBytes } = sizeClass;
    const from = addressOf(sizeClass, slot);
    const isReleased = this.afterSaving === 'returns-pages' && bytes > RELEASED_ABOVE_BYTES;
    const releasedTo = isReleased ? from + slotBytes : from;
    this.pages.write(region, from, written, releasedTo);
  }

  /** Writes the first `written` bytes of some block of `bytes`: the one that `share`, 0 … 1, of its class are before. */
  writeAnywhere(bytes: number, share: number, written: number): void {
    this.write(Math.floor(share * this.classOf(bytes).slots), bytes, written);
  }

  /**
   * A child has been born that compresses what it saves, to this share of its size. One that frees strings writes the records
   * of their slabs, and gets the buffer to compress a large one where the string before it was.
   */
  fork(compressedShare: number): void {
    if (this.afterSaving !== 'frees') return;
    let slabs = 0;
    for (const sizeClass of this.classes.values()) {
      const { region, slotBytes, strideBytes, slots } = sizeClass;
      slabs += slots / slabOf(slotBytes, strideBytes).blocks;
      if (compressedShare === 0) continue;
      if (slotBytes <= STATIC_BUFFER_BYTES || slotBytes > CACHED_BYTES) continue;
      const bytes = Math.max(1, Math.floor(slotBytes * compressedShare));
      for (let slot = 0; slot < slots; slot++) {
        this.pages.childWrites(region, addressOf(sizeClass, slot), bytes);
      }
    }
    const recordPages = Math.ceil((slabs * SLAB_RECORD_BYTES) / PAGE_BYTES);
    for (let page = 0; page < recordPages; page++) {
      this.pages.childWrites(this.records, page * PAGE_BYTES, PAGE_BYTES);
    }
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
      const freed = this.afterSaving === 'frees' ? slabOf(slotBytes, strideBytes) : undefined;
      sizeClass = { region: this.pages.region(freed), slotBytes, strideBytes, slots: 0, free: [] };
      this.classes.set(slotBytes, sizeClass);
    }
    return sizeClass;
  }
}

/** Whole blocks in whole pages; a large block is by itself. */
function slabOf(slotBytes: number, strideBytes: number): FreedSlabs {
  if (strideBytes !== slotBytes) return { slabBytes: strideBytes, blocks: 1 };
  let slabBytes = PAGE_BYTES;
  while (slabBytes % slotBytes !== 0) slabBytes += PAGE_BYTES;
  return { slabBytes, blocks: slabBytes / slotBytes };
}

interface SizeClass {
  readonly region: number;
  readonly slotBytes: number;
  /** From one slot to the next. */
  readonly strideBytes: number;
  slots: number;
  readonly free: number[];
}

function addressOf({ slotBytes, strideBytes }: SizeClass, slot: number): number {
  const line = mix32(slot) % (PAGE_BYTES / CACHE_LINE_BYTES);
  return slot * strideBytes + (strideBytes === slotBytes ? 0 : CACHE_LINE_BYTES * line);
}
