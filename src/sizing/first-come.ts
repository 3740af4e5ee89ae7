import { rounderOf } from '../memory/size-classes.ts';
import { baseBytesOf } from '../replay/base-bytes.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import { GET, SET } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import type { Counts } from './point.ts';

/** A trace in which nothing ever goes by itself, by its keys in order of arrival. */
interface Arrivals {
  readonly keys: Uint32Array;
  /** The row of each one's first request, and the bytes of its value. */
  readonly rows: Uint32Array;
  readonly valueBytes: Uint32Array;
  /** Lookups after the warm-up of this key and all later ones, and their bytes; one element more than keys. */
  readonly lookupsFrom: Float64Array;
  readonly bytesFrom: Float64Array;
}

/** Words per key while a trace is counted: side by side, since every row asks for all of them. */
const WORDS = 3;
const ROW = 0;
const VALUE_BYTES = 1;
const LOOKUPS = 2;
const NOT_YET = 0xffff_ffff;

/**
 * What noeviction does where nothing ever goes by itself: who came first stays, everybody else is refused. There is
 * nothing to replay: it is counted, for all sizes in one pass.
 */
export class FirstCome {
  private readonly trace: Trace;
  private readonly warmupRows: number;
  private readonly arrivals: Arrivals;
  /** By server: bytes of the keys that came before, in order of arrival. */
  private readonly bytesBefore = new Map<string, Float64Array>();

  private constructor(trace: Trace, warmupRows: number, arrivals: Arrivals) {
    this.trace = trace;
    this.warmupRows = warmupRows;
    this.arrivals = arrivals;
  }

  /** undefined where there is more to it: keys that go or change their size, requests that do not store their key. */
  static of(trace: Trace, warmupRows: number): FirstCome | undefined {
    const { rows, keyCount, keys, ops, ttls, valueBytes } = trace;
    const known = new Uint32Array(keyCount * WORDS);
    for (let key = 0; key < keyCount; key++) known[key * WORDS + ROW] = NOT_YET;
    const order = new Uint32Array(keyCount);
    let count = 0;
    for (let row = 0; row < rows; row++) {
      if (ops[row] > SET || ttls[row] !== NO_TTL) return undefined;
      const at = keys[row] * WORDS;
      if (known[at + ROW] === NOT_YET) {
        known[at + ROW] = row;
        known[at + VALUE_BYTES] = valueBytes[row];
        order[count++] = keys[row];
      } else if (valueBytes[row] !== known[at + VALUE_BYTES]) return undefined;
      if (row >= warmupRows && ops[row] === GET) known[at + LOOKUPS]++;
    }
    const arrivals = {
      keys: order.subarray(0, count),
      rows: new Uint32Array(count),
      valueBytes: new Uint32Array(count),
      lookupsFrom: new Float64Array(count + 1),
      bytesFrom: new Float64Array(count + 1),
    };
    for (let i = count - 1; i >= 0; i--) {
      const at = order[i] * WORDS;
      const lookups = known[at + LOOKUPS];
      arrivals.rows[i] = known[at + ROW];
      arrivals.valueBytes[i] = known[at + VALUE_BYTES];
      arrivals.lookupsFrom[i] = arrivals.lookupsFrom[i + 1] + lookups;
      arrivals.bytesFrom[i] = arrivals.bytesFrom[i + 1] + lookups * known[at + VALUE_BYTES];
    }
    return new FirstCome(trace, warmupRows, arrivals);
  }

  counts(cell: Cell): Counts {
    const { warmupRows, arrivals } = this;
    const { ops, rows } = this.trace;
    const admitted = this.admitted(cell);
    let misses = arrivals.lookupsFrom[admitted];
    let missBytes = arrivals.bytesFrom[admitted];
    const refused = misses;
    for (let i = admitted - 1; i >= 0 && arrivals.rows[i] >= warmupRows; i--) {
      if (ops[arrivals.rows[i]] !== GET) continue;
      misses++;
      missBytes += arrivals.valueBytes[i];
    }
    let oomErrors = 0;
    if (admitted < arrivals.keys.length) {
      // From then on every SET is refused, and the one behind every miss.
      oomErrors = refused;
      const from = Math.max(warmupRows, arrivals.rows[admitted]);
      for (let row = from; row < rows; row++) if (ops[row] === SET) oomErrors++;
    }
    return { misses, missBytes, evictedKeys: 0, expiredKeys: 0, oomErrors };
  }

  /** How many keys are in when the limit is reached; the last one goes beyond it. A command's arguments are neglected. */
  private admitted(cell: Cell): number {
    const profile = serverNamed(cell.server);
    const round = rounderOf(cell.allocator);
    const base = baseBytesOf(cell);
    const before = this.bytesBeforeOn(cell);
    const fits = (keys: number): boolean =>
      base + before[keys] + profile.tableBytes('main', keys, round) <= cell.maxmemoryBytes;
    let [low, high] = [0, this.arrivals.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (fits(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private bytesBeforeOn({ server, allocator }: Cell): Float64Array {
    const name = JSON.stringify([server, allocator]);
    const known = this.bytesBefore.get(name);
    if (known !== undefined) return known;
    const layout = serverNamed(server).stringLayout(rounderOf(allocator));
    const { keys, valueBytes } = this.arrivals;
    const before = new Float64Array(keys.length + 1);
    for (let i = 0; i < keys.length; i++) {
      const nameBytes = this.trace.keyBytes[keys[i]];
      before[i + 1] = before[i] + layout.entryBytes(nameBytes, valueBytes[i], 'string', false);
    }
    this.bytesBefore.set(name, before);
    return before;
  }
}
