import { InvariantError } from '../errors.ts';
import { mix32 } from '../random.ts';
import type { DictRules } from './dict-rules.ts';
import { KernelTable } from './kernel-table.ts';
import type { TableParts, TableRole } from './key-table.ts';

/** As in src/kernel/chains.ts: a reference is a slot times two, plus one if its chain goes on. */
const FOLLOWED = 1;

/** The chained dictionary of Redis ≤ 8.x and Valkey ≤ 8.0; src/kernel/chained-dict.ts says how it works. */
export class ChainedDict extends KernelTable {
  private readonly rules: DictRules;
  private readonly role: TableRole;
  private readonly hashSeed: number;
  private readonly nodeBytes: number;

  constructor(rules: DictRules, role: TableRole, { kernel, hashSeed }: TableParts) {
    const nodeBytes = rules.nodeBytes === 0 ? 0 : kernel.round(rules.nodeBytes);
    super(
      kernel,
      kernel.calls.createDict(
        Number(role === 'main'),
        hashSeed,
        Number(rules.samplesWholeChains),
        Number(rules.growthVeto),
        Number(rules.shrinks === 'delete'),
        Number(rules.timerGrows),
        Number(rules.movesBucketLookedUp),
        nodeBytes,
        rules.firstKeyBytes[role],
      ),
    );
    this.rules = rules;
    this.role = role;
    this.hashSeed = hashSeed;
    this.nodeBytes = nodeBytes;
  }

  get bytes(): number {
    if (this.positions === 0) return 0;
    let bytes = this.rules.firstKeyBytes[this.role] + this.chainBytes;
    for (const { buckets } of this.arrays) {
      if (buckets > 0) bytes += this.kernel.round(8 * buckets);
    }
    return bytes;
  }

  get chainBytes(): number {
    return this.chainParts * this.nodeBytes;
  }

  checkInvariants(): void {
    const { kernel } = this;
    const slots = kernel.keyCount + 1;
    const ids = kernel.int32s(kernel.place('ids'), slots);
    const links = kernel.int32s(
      kernel.place(this.role === 'main' ? 'mainLinks' : 'expiresLinks'),
      slots,
    );
    const seen = new Set<number>();
    const walk = (heads: Int32Array): void => {
      for (let bucket = 0; bucket < heads.length; bucket++) {
        for (let reference = heads[bucket]; reference !== 0;) {
          const slot = reference >> 1;
          const id = ids[slot];
          if ((mix32(id ^ this.hashSeed) & (heads.length - 1)) !== bucket) {
            throw new InvariantError(
              `key ${id} hangs in bucket ${bucket}, where it does not hash to`,
            );
          }
          if (seen.has(id)) throw new InvariantError(`key ${id} is in the table twice`);
          seen.add(id);
          const next = links[slot];
          if ((next !== 0) !== ((reference & FOLLOWED) !== 0)) {
            throw new InvariantError(`key ${id} and the reference to it disagree on what follows`);
          }
          reference = next;
        }
      }
    };
    const [heads0, heads1] = this.arrays.map(({ address, buckets }) =>
      kernel.int32s(address, buckets),
    );
    walk(heads0);
    walk(heads1);
    if (seen.size !== this.size) {
      throw new InvariantError(`counted ${seen.size} keys, kept ${this.size}`);
    }
    for (let bucket = 0; bucket < this.rehashIndex; bucket++) {
      if (heads0[bucket] !== 0)
        throw new InvariantError(`bucket ${bucket} was passed but not moved`);
    }
  }
}
