/**
 * Flags and slots as records have them. Modules that run per request bind imported constants and functions to constants of
 * their own: V8 puts those into the code, and reads imported ones from memory each time (docs/performance.md).
 */

/** The slot of a key that is not resident. Its record is all zero: neither RESIDENT nor VOLATILE. */
export const NO_SLOT = 0;

/** Bits 0–23 of `meta`: the server's access metadata (LRU clock, or LFU time and counter); above: the flags below. */
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

/** Has been in the pool of eviction candidates since it became resident. */
export const POOLED = 1 << 31;
