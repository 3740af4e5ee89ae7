import { InvariantError } from '../errors.ts';
import { mix32 } from '../random.ts';
import type { BucketTableRules } from './bucket-table-rules.ts';
import { KernelTable } from './kernel-table.ts';
import type { TableParts } from './key-table.ts';

export const BUCKET_BYTES = 64;
/** Keys a bucket has room for. */
export const POSITIONS = 7;
/** Words of a bucket in the kernel: its marks, then its positions. */
const BUCKET_WORDS = POSITIONS + 1;
/** Mark of a bucket whose last position leads to a child. */
const CHAINED = 0x80;

/** The hash table of Valkey ≥ 8.1; src/kernel/bucket-table.ts says how it works. */
export class BucketTable extends KernelTable {
  private readonly rules: BucketTableRules;
  private readonly hashSeed: number;

  constructor(rules: BucketTableRules, { kernel, hashSeed }: TableParts) {
    super(
      kernel,
      kernel.calls.createBuckets(
        hashSeed,
        Number(rules.drawsBucketsAlone),
        Number(rules.rehashesLeanly),
        Number(rules.compactsAfterScan),
        rules.headerBytes,
      ),
    );
    this.rules = rules;
    this.hashSeed = hashSeed;
  }

  get bytes(): number {
    if (this.positions === 0) return 0;
    let bytes = this.kernel.round(this.rules.headerBytes) + this.chainBytes;
    for (const { buckets } of this.arrays) {
      if (buckets > 0) bytes += this.kernel.round(BUCKET_BYTES * buckets);
    }
    return bytes;
  }

  get chainBytes(): number {
    return this.chainParts * this.kernel.round(BUCKET_BYTES);
  }

  checkInvariants(): void {
    const { kernel } = this;
    const ids = kernel.int32s(kernel.place('ids'), kernel.keyCount + 1);
    const seen = new Set<number>();
    let children = 0;
    const check = (slot: number, bucket: number, mask: number): void => {
      if ((mix32(ids[slot] ^ this.hashSeed) & mask) !== bucket) {
        throw new InvariantError(
          `slot ${slot} is in bucket ${bucket}, where its key does not hash to`,
        );
      }
      if (seen.has(slot)) throw new InvariantError(`slot ${slot} is in the table twice`);
      seen.add(slot);
    };
    this.arrays.forEach(({ address, buckets }, array) => {
      for (let bucket = 0; bucket < buckets; bucket++) {
        let cells = kernel.int32s(address + bucket * BUCKET_WORDS * 4, BUCKET_WORDS);
        if (array === 0 && bucket < this.rehashIndex && cells[0] !== 0) {
          throw new InvariantError(`bucket ${bucket} was passed but not moved`);
        }
        for (;;) {
          for (let position = 0; position < POSITIONS; position++) {
            if (cells[0] & (1 << position)) check(cells[1 + position], bucket, buckets - 1);
          }
          if ((cells[0] & CHAINED) === 0) break;
          children++;
          cells = kernel.int32s(cells[POSITIONS], BUCKET_WORDS);
        }
      }
    });
    if (seen.size !== this.size || children !== this.chainParts) {
      throw new InvariantError(
        `counted ${seen.size} keys and ${children} child buckets, kept ${this.size} and ${this.chainParts}`,
      );
    }
  }
}
