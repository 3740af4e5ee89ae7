import type { Random } from '../random.ts';
import { DEL, EXPIRE, INCR, PERSIST, SETKEEP, TOUCH } from '../trace/operations.ts';
import type { TraceRows } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import type { Amount } from './amounts/amount.ts';
import { createAmount } from './amounts/registry.ts';
import { KeySizes, KeyTtls } from './key-values.ts';
import { Numbering } from './numbering.ts';
import type { GroupSpec } from './spec.ts';

/** What a group's keys and rows carry: name lengths, value sizes, TTLs. */
export class RowValues {
  /** The group's generator ids begin here and end where the next group's begin. */
  readonly firstId: number;
  readonly sizes: KeySizes;
  readonly ttls: KeyTtls;
  private readonly names: Amount;
  private readonly nameRandom: Random;

  /** `random` gives a stream of randomness for each use. */
  constructor(group: GroupSpec, firstId: number, random: (use: string) => Random) {
    this.firstId = firstId;
    this.sizes = new KeySizes(group.values, random('values'));
    this.ttls = new KeyTtls(group.ttl, random('ttl'));
    this.names = createAmount(group.keys.bytes);
    this.nameRandom = random('key names');
  }

  /** The length of a new key's name. */
  drawNameBytes(): number {
    return Math.round(this.names.next(this.nameRandom));
  }
}

/**
 * Completes rows that have their times, their operations and, in `keys`, the ids the generator gave (below `idCount`; group
 * after group, as in `groups`): numbers the keys and fills the other columns. One pass over all rows for the keys, then one
 * for the values: both draw from the same streams of randomness, and loops that do little else let the processor fetch
 * several far-off table entries at once.
 */
export class RowFinisher {
  private readonly groups: readonly RowValues[];
  private readonly numbering: Numbering;
  private readonly keyBytes: Uint32Array<SharedArrayBuffer>;
  /** What belongs to keys and is not in the trace. */
  private readonly groupOf: Uint16Array;
  private readonly sizes: Uint32Array;
  private readonly ttls: Uint32Array;
  // Names are `k` and the number; a shorter one would not tell the keys apart.
  private shortest = 2;
  private nextPower = 10;

  /** For `rows` rows. */
  constructor(groups: readonly RowValues[], idCount: number, rows: number) {
    const most = Math.min(idCount, rows);
    this.groups = groups;
    this.numbering = new Numbering(idCount, rows);
    this.keyBytes = new Uint32Array(new SharedArrayBuffer(most * 4));
    this.groupOf = new Uint16Array(most);
    this.sizes = new Uint32Array(most);
    this.ttls = new Uint32Array(most);
  }

  /** Replaces the ids of the next `count` rows by numbers in order of first appearance; draws what new keys have of their own. */
  numberKeys({ keys }: TraceRows, count: number): void {
    const { groups, numbering, keyBytes } = this;
    for (let row = 0; row < count; row++) {
      const known = numbering.count;
      const id = keys[row];
      const key = numbering.of(id);
      keys[row] = key;
      if (key < known) continue;
      if (key === this.nextPower) {
        this.shortest++;
        this.nextPower *= 10;
      }
      let group = groups.length - 1;
      while (groups[group].firstId > id) group--;
      keyBytes[key] = Math.max(this.shortest, groups[group].drawNameBytes());
      this.groupOf[key] = group;
      this.sizes[key] = groups[group].sizes.draw();
      this.ttls[key] = groups[group].ttls.draw();
    }
  }

  /** Sizes and TTLs of the next `count` rows, when the keys of all are numbered. */
  fillValues({ ops, keys, valueBytes, ttls }: TraceRows, count: number): void {
    const { groups, groupOf, sizes: ownSizes, ttls: ownTtls } = this;
    const only = groups.length === 1 ? groups[0] : undefined;
    for (let row = 0; row < count; row++) {
      const key = keys[row];
      const group = only ?? groups[groupOf[key]];
      switch (ops[row]) {
        case DEL:
        case TOUCH:
        case PERSIST:
          valueBytes[row] = 0;
          ttls[row] = NO_TTL;
          break;
        case EXPIRE:
          valueBytes[row] = 0;
          ttls[row] = group.ttls.given(ownTtls, key);
          break;
        case INCR:
        case SETKEEP:
          valueBytes[row] = group.sizes.written(ownSizes, key);
          ttls[row] = NO_TTL;
          break;
        default:
          valueBytes[row] = group.sizes.written(ownSizes, key);
          ttls[row] = group.ttls.written(ownTtls, key);
      }
    }
  }

  /** The keys that were numbered: how many, and the lengths of their names. */
  keys(): { readonly keyCount: number; readonly keyBytes: Uint32Array<SharedArrayBuffer> } {
    const keyCount = this.numbering.count;
    const keyBytes = new Uint32Array(new SharedArrayBuffer(keyCount * 4));
    keyBytes.set(this.keyBytes.subarray(0, keyCount));
    return { keyCount, keyBytes };
  }
}
