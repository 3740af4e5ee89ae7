import { writeFileSync } from 'node:fs';
import { Random } from '../../src/random.ts';

/** Writes a skewed look-aside trace as generic CSV: big enough to evict at the limits the tests use. */
export function writeSmallTrace(file: string, rows = 6000, keys = 4000): void {
  const random = new Random(1, 'small trace');
  const lines = ['time_ms,op,key,value_bytes,ttl_s'];
  for (let i = 0; i < rows; i++) {
    const key = Math.floor(keys * random.float() ** 2);
    lines.push(`${i * 5},get,key:${key},${100 + (key % 50)},${key % 2 === 0 ? 3600 : ''}`);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** A limit under which the small trace has to evict, whatever the empty server uses. */
export const SMALL_LIMIT = '20%';
