/** The code of "this row has no TTL" in `Trace.ttls`. */
export const NO_TTL = 0xffff_ffff;

const SECONDS_FLAG = 0x8000_0000;
const MAX_SECONDS = 0x7fff_fffe;

/** The longest TTL a trace can hold, in seconds (68 years). */
export const MAX_TTL_SECONDS = MAX_SECONDS;

/**
 * Packs a TTL (milliseconds, 0 … MAX_TTL_SECONDS · 1000) into 32 bits: exact milliseconds below 2^31 ms (24.8 days),
 * whole seconds above.
 */
export function encodeTtl(ttlMs: number): number {
  const ms = Math.round(ttlMs);
  if (ms < SECONDS_FLAG) return ms;
  return (SECONDS_FLAG | Math.min(MAX_SECONDS, Math.round(ms / 1000))) >>> 0;
}

/** The milliseconds packed by {@link encodeTtl}; undefined behaviour for {@link NO_TTL}. */
export function decodeTtl(code: number): number {
  return code < SECONDS_FLAG ? code : (code - SECONDS_FLAG) * 1000;
}
