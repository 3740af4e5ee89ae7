import { UsageError } from '../errors.ts';

/**
 * Per-key state in one block of 32 bytes, so that a lookup, a touch and a candidate's score cost one cache line.
 * `words[(id << 3) + FIELD]`; chain links hold id + 1, 0 = end of chain.
 */
export const RECORD_SHIFT = 3;
/** Bits 0–23: the server's access metadata (LRU clock or LFU time and counter); above: the flags below. */
export const META = 0;
/** Next key in the chain of the main table. */
export const MAIN_LINK = 1;
/** Next key in the chain of the expires table. */
export const EXPIRES_LINK = 2;
/** Bytes charged for the key, TTL included, tables excluded. */
export const BYTES = 3;
/** Length of the value; the value itself when INTEGER is set. */
export const VALUE = 4;
/** Words 6 and 7 are the expiry, unix ms, as a float64: `expiresAtMs[(id << 2) + EXPIRES_AT]`. */
export const EXPIRES_AT = 3;

export const ACCESS_MASK = 0x00ff_ffff;
export const RESIDENT = 1 << 24;
/** Has a TTL: also in the expires table. */
export const VOLATILE = 1 << 25;
/** The value is a number that INCR counts. */
export const INTEGER = 1 << 26;
/** The value is one of the server's 10,000 shared integers. */
export const SHARED = 1 << 27;
/** What is allocated for the key has room for an expiry, whether or not it has a TTL now. */
export const EXPIRY_SLOT = 1 << 28;
/** The main, the expires table has allocated a node for the key. */
export const MAIN_NODE = 1 << 29;
export const EXPIRES_NODE = 1 << 30;

const MAX_KEYS = 2 ** 28 - 1;

/** The record columns of all keys of a trace, resident or not. */
export class KeyRecords {
  readonly keyCount: number;
  readonly words: Int32Array;
  readonly expiresAtMs: Float64Array;

  constructor(keyCount: number) {
    if (keyCount > MAX_KEYS) {
      throw new UsageError(`${keyCount} distinct keys; one replay holds at most ${MAX_KEYS}.`);
    }
    const buffer = new ArrayBuffer(keyCount * 32);
    this.keyCount = keyCount;
    this.words = new Int32Array(buffer);
    this.expiresAtMs = new Float64Array(buffer);
  }

  isResident(id: number): boolean {
    return (this.words[id << RECORD_SHIFT] & RESIDENT) !== 0;
  }

  isVolatile(id: number): boolean {
    return (this.words[id << RECORD_SHIFT] & VOLATILE) !== 0;
  }

  /** Unix ms; meaningful while the key is volatile. */
  expiryOf(id: number): number {
    return this.expiresAtMs[(id << 2) + EXPIRES_AT];
  }

  bytesOf(id: number): number {
    return this.words[(id << RECORD_SHIFT) + BYTES];
  }
}
