import { writeFileSync } from 'node:fs';
import { Random } from '../../src/random.ts';

/** A trace of lookups over skewed keys with values of mixed size, a third of the keys with a TTL. */
export function writeTrace(
  file: string,
  options: { requests: number; keys: number; perMs: number; ttlSeconds: number },
): void {
  const random = new Random(7, 'live');
  const lines = ['time_ms,op,key,value_bytes,ttl_s'];
  for (let i = 0; i < options.requests; i++) {
    const key = Math.floor(options.keys * random.float() * random.float());
    const ttl = key % 3 === 0 ? options.ttlSeconds : '';
    lines.push(`${Math.floor(i / options.perMs)},get,key:${key},${50 + (key % 400)},${ttl}`);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}
