import { KeyRecords } from '../../src/keyspace/key-records.ts';
import type { Kernel } from '../../src/keyspace/kernel.ts';
import type { KeyTable } from '../../src/keyspace/key-table.ts';

/**
 * A table alone, whose keys go by their ids: it gives them their records and takes them back, which in a keyspace the
 * keyspace does.
 */
export class ById implements KeyTable {
  private readonly table: KeyTable;
  private readonly records: KeyRecords;

  private readonly kernel: Kernel;

  constructor(table: KeyTable, kernel: Kernel) {
    this.table = table;
    this.kernel = kernel;
    this.records = new KeyRecords(kernel);
  }

  get size(): number {
    return this.table.size;
  }

  get bytes(): number {
    return this.table.bytes;
  }

  get chainBytes(): number {
    return this.table.chainBytes;
  }

  get positions(): number {
    return this.table.positions;
  }

  get isRehashing(): boolean {
    return this.table.isRehashing;
  }

  onLookup(id: number): void {
    this.table.onLookup(id);
  }

  insert(id: number): void {
    this.table.insert(this.records.claim(id));
  }

  remove(id: number): void {
    const slot = this.records.slotOf(id);
    this.table.remove(slot);
    this.records.release(slot);
  }

  /** The sampled keys stay slots where the table puts them: {@link ById.sampled} has their ids. */
  sample(count: number): number {
    return this.table.sample(count);
  }

  /** A sample of up to `count` keys, in the order the server offers them. */
  sampled(count: number): number[] {
    const found = this.sample(count);
    return this.idsOf([...this.kernel.found.subarray(0, found)]);
  }

  randomKey(): number {
    return this.records.ids[this.table.randomKey()];
  }

  collectAt(cursor: number, out: number[]): number {
    const slots: number[] = [];
    const buckets = this.table.collectAt(cursor, slots);
    out.push(...this.idsOf(slots));
    return buckets;
  }

  scan(cursor: number, out: number[]): number {
    const slots: number[] = [];
    const next = this.table.scan(cursor, slots);
    out.push(...this.idsOf(slots));
    return next;
  }

  private idsOf(slots: readonly number[]): number[] {
    return slots.map((slot) => this.records.ids[slot]);
  }

  endScan(): void {
    this.table.endScan();
  }

  resizeIfSparse(): void {
    this.table.resizeIfSparse();
  }

  rehashFor(buckets: number): boolean {
    return this.table.rehashFor(buckets);
  }

  checkInvariants(): void {
    this.records.checkInvariants();
    this.table.checkInvariants();
  }
}
