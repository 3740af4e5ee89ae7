/** The time one call of the server's eviction may take, in µs, for `maxmemory-eviction-tenacity` 0 … 100. */
export function evictionTimeLimitUs(tenacity: number): number {
  if (tenacity <= 10) return 50 * tenacity;
  return tenacity < 100 ? 500 * 1.15 ** (tenacity - 10) : Infinity;
}
