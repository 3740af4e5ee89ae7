import type { CellResult } from '../../src/replay/cell.ts';
import type { PlannedCell } from '../../src/replay/plan.ts';
import { someResult } from '../result.ts';

/** Hits of the first 1000 lookups per megabyte above 1,000,000 bytes, and where the limit is no limit any more. */
const SERVERS: Readonly<Partial<Record<string, { perMegabyte: number; most: number }>>> = {
  'redis-7.0': { perMegabyte: 100, most: 800 },
  'redis-8.0': { perMegabyte: 125, most: 800 },
  'valkey-9.1': { perMegabyte: 80, most: 800 },
  // Falls short of the others with all the memory in the world.
  'redis-5.0': { perMegabyte: 100, most: 300 },
};

/** A worker whose servers have hit ratios that grow with memory in a line, so that tests know what to find. */
export default function run({ cell }: PlannedCell): CellResult {
  if (cell.policy === 'volatile-ttl' && cell.server === 'redis-8.0') throw new Error('on purpose');
  const { perMegabyte, most } = SERVERS[cell.server] ?? { perMegabyte: 0, most: 0 };
  const hits = Math.min(most, (perMegabyte * (cell.maxmemoryBytes - 1e6)) / 1e6);
  const changes = { emptyMemoryBytes: 1e6, evictedKeys: hits < most ? 1 : 0 };
  const misses = cell.policy === 'noeviction' ? 0 : 1000 - hits;
  return someResult(cell, cell.policy === 'noeviction' ? 0 : hits, { ...changes, misses });
}
