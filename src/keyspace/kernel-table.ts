import type { KeyTable } from './key-table.ts';
import type { TableAddress } from './kernel-calls.ts';
import type { Kernel } from './kernel.ts';

/** Words of the kernel's Table (src/kernel/table.ts), by their place. */
const SIZE = 1;
const REHASH_INDEX = 2;
const BUCKETS_0 = 3;
const BUCKETS_1 = 4;
const ARRAY_0 = 5;
const ARRAY_1 = 6;
const CHAIN_PARTS = 7;
const WORDS = 9;

/** A table of the kernel, of whatever kind. */
export abstract class KernelTable implements KeyTable {
  readonly address: TableAddress;
  protected readonly kernel: Kernel;
  private readonly words: Int32Array;

  constructor(kernel: Kernel, address: TableAddress) {
    this.kernel = kernel;
    this.address = address;
    this.words = kernel.int32s(address, WORDS);
  }

  abstract get bytes(): number;
  abstract get chainBytes(): number;
  abstract checkInvariants(): void;

  get size(): number {
    return this.words[SIZE];
  }

  get positions(): number {
    return this.words[BUCKETS_0] + this.words[BUCKETS_1];
  }

  get isRehashing(): boolean {
    return this.words[REHASH_INDEX] >= 0;
  }

  /** Buckets of array 0 below this index have moved; -1 = no rehash. */
  protected get rehashIndex(): number {
    return this.words[REHASH_INDEX];
  }

  protected get chainParts(): number {
    return this.words[CHAIN_PARTS];
  }

  /** The number of buckets of the arrays 0 and 1, and where they are; 1 exists during a rehash only. */
  protected get arrays(): readonly { readonly buckets: number; readonly address: number }[] {
    const { words } = this;
    return [
      { buckets: words[BUCKETS_0], address: words[ARRAY_0] },
      { buckets: words[BUCKETS_1], address: words[ARRAY_1] },
    ];
  }

  onLookup(id: number): void {
    if (this.words[REHASH_INDEX] >= 0) this.kernel.calls.lookUp(this.address, id);
  }

  insert(slot: number): void {
    this.kernel.calls.insert(this.address, slot);
  }

  remove(slot: number): void {
    this.kernel.calls.remove(this.address, slot);
  }

  sample(count: number): number {
    return this.kernel.calls.sample(this.address, count);
  }

  randomKey(): number {
    return this.kernel.calls.randomKey(this.address);
  }

  collectAt(cursor: number, out: number[]): number {
    this.append(this.kernel.calls.collectAt(this.address, cursor), out);
    return this.isRehashing ? 2 : 1;
  }

  scan(cursor: number, out: number[]): number {
    if (this.size === 0) return 0;
    const next = this.kernel.calls.cursorAfter(this.address, cursor);
    this.append(this.kernel.calls.scan(this.address, cursor), out);
    return next;
  }

  private append(count: number, out: number[]): void {
    const { found } = this.kernel;
    for (let i = 0; i < count; i++) out.push(found[i]);
  }

  endScan(): void {
    this.kernel.calls.endScan(this.address);
  }

  resizeIfSparse(): void {
    this.kernel.calls.resizeIfSparse(this.address);
  }

  rehashFor(buckets: number): boolean {
    if (!this.isRehashing) return false;
    // Without a limit of time: more buckets than there are.
    this.kernel.calls.rehash(this.address, Math.min(buckets, this.positions));
    return true;
  }
}
