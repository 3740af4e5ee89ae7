import type { Random } from '../random.ts';
import { DEL, EXPIRE, INCR, PERSIST, SETKEEP, TOUCH } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
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

/** What belongs to keys and is not in the trace, by key. */
interface OwnValues {
  readonly group: Uint16Array;
  readonly sizes: Uint32Array;
  readonly ttls: Uint32Array;
}

/**
 * Completes a trace that has its times, its operations and, in `keys`, the ids the generator gave (below `idCount`; group
 * after group, as in `groups`): numbers the keys and fills the other columns. One pass for the keys and one for the rows:
 * loops that do little else let the processor fetch several far-off table entries at once.
 */
export function finishTrace(trace: Trace, groups: readonly RowValues[], idCount: number): Trace {
  const own: OwnValues = {
    group: new Uint16Array(trace.keyCount),
    sizes: new Uint32Array(trace.keyCount),
    ttls: new Uint32Array(trace.keyCount),
  };
  const keyCount = numberKeys(trace, groups, idCount, own);
  fillRowValues(trace, groups, own);
  const keyBytes = new Uint32Array(new SharedArrayBuffer(keyCount * 4));
  keyBytes.set(trace.keyBytes.subarray(0, keyCount));
  return { ...trace, keyCount, keyBytes };
}

/** Replaces ids by numbers in order of first appearance, draws what new keys have of their own, returns their count. */
function numberKeys(
  { keys, keyBytes, rows }: Trace,
  groups: readonly RowValues[],
  idCount: number,
  own: OwnValues,
): number {
  const numbering = new Numbering(idCount, rows);
  // Names are `k` and the number; a shorter one would not tell the keys apart.
  let shortest = 2;
  let nextPower = 10;
  for (let row = 0; row < rows; row++) {
    const known = numbering.count;
    const id = keys[row];
    const key = numbering.of(id);
    keys[row] = key;
    if (key < known) continue;
    if (key === nextPower) {
      shortest++;
      nextPower *= 10;
    }
    let group = groups.length - 1;
    while (groups[group].firstId > id) group--;
    keyBytes[key] = Math.max(shortest, groups[group].drawNameBytes());
    own.group[key] = group;
    own.sizes[key] = groups[group].sizes.draw();
    own.ttls[key] = groups[group].ttls.draw();
  }
  return numbering.count;
}

function fillRowValues(trace: Trace, groups: readonly RowValues[], own: OwnValues): void {
  const { rows, ops, keys, valueBytes, ttls } = trace;
  const only = groups.length === 1 ? groups[0] : undefined;
  for (let row = 0; row < rows; row++) {
    const key = keys[row];
    const group = only ?? groups[own.group[key]];
    switch (ops[row]) {
      case DEL:
      case TOUCH:
      case PERSIST:
        ttls[row] = NO_TTL;
        break;
      case EXPIRE:
        ttls[row] = group.ttls.given(own.ttls, key);
        break;
      case INCR:
      case SETKEEP:
        valueBytes[row] = group.sizes.written(own.sizes, key);
        ttls[row] = NO_TTL;
        break;
      default:
        valueBytes[row] = group.sizes.written(own.sizes, key);
        ttls[row] = group.ttls.written(own.ttls, key);
    }
  }
}
