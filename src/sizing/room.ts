import { rounderOf } from '../memory/size-classes.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import { INCR } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';

/** What keeps a server from using its limit to the last byte: the same few bytes for few keys and for many. */
export interface Room {
  /** Arguments of a GET: in memory while the server makes room for it. */
  readonly argumentBytes: number;
  /** What evicting one key after the other goes too far on average: half a key, of those large enough to be the last. */
  readonly halfKeyBytes: number;
}

export function roomOf(trace: Trace, cell: Cell): Room {
  const profile = serverNamed(cell.server);
  const layout = profile.stringLayout(rounderOf(cell.allocator));
  const { rows, keys, ops, valueBytes, ttls, keyBytes, keyCount } = trace;
  const value = new Float64Array(keyCount);
  const hasTtl = new Uint8Array(keyCount);
  for (let row = 0; row < rows; row++) {
    if (ops[row] !== INCR) value[keys[row]] = Math.max(value[keys[row]], valueBytes[row]);
    if (ttls[row] !== NO_TTL) hasTtl[keys[row]] = 1;
  }
  let sum = 0;
  let squares = 0;
  let names = 0;
  for (let key = 0; key < keyCount; key++) {
    const bytes = layout.entryBytes(keyBytes[key], value[key], 'string', hasTtl[key] === 1);
    sum += bytes;
    squares += bytes * bytes;
    names += keyBytes[key];
  }
  const name = Math.round(names / Math.max(1, keyCount));
  return {
    argumentBytes:
      layout.argumentArrayBytes(2) +
      layout.argumentBytes('get'.length) +
      layout.argumentBytes(name),
    halfKeyBytes: squares / Math.max(1, sum) / 2,
  };
}

/**
 * Bytes below the limit that stay free on average where `commands` are parsed at a time and keys are evicted. Whoever refuses
 * writes instead lets a last key in, which goes above the limit by about as much as was free before.
 */
export function freeBytes(
  { argumentBytes, halfKeyBytes }: Room,
  policy: string,
  commands: number,
): number {
  return policy === 'noeviction' ? 0 : commands * argumentBytes + halfKeyBytes;
}
