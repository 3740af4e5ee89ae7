import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import { freeBytes, type Room } from './room.ts';
import type { Sample } from './sampling.ts';
import type { Scale } from './scale.ts';
import { bytesWithin, ticksKept, type WorkingSet } from './working-set.ts';

/** Of the whole and of the sample. */
export interface WorkingSets {
  readonly whole: WorkingSet;
  readonly own: WorkingSet;
}

/**
 * The cell that stands for `cell` on a sample: fewer keys in less memory, at their own times.
 *
 * Scaled: the data that fits under maxmemory, by the bytes of the keys that a cache of that size keeps, of the sample and of
 * all; the requests under way, of which one is left, but where they are refused for each other's sake; the timer's rate
 * (expiry.ts), because a tick looks at a fixed number of keys with TTLs and moves a fixed number of buckets.
 * Kept: fixed bytes, what stays free below the limit, sampled keys per eviction, the size of the pool, clocks and counters,
 * and with them the server's tables, which double at the same load since the weight is a power of two. What each
 * is worth: docs/sizing.md.
 */
export function miniatureCell(
  cell: Cell,
  sample: Sample,
  about: {
    weight: number;
    whole: Scale;
    own: Scale;
    room: Room;
    workingSets: WorkingSets;
    seed: number;
  },
): Cell {
  return {
    ...cell,
    seed: about.seed,
    warmupRows: sample.warmupRows,
    maxmemoryBytes: cell.maxmemoryBytes === 0 ? 0 : scaledLimit(cell, about),
    pipeline: cell.policy === 'noeviction' ? cell.pipeline : 1,
  };
}

function scaledLimit(
  cell: Cell,
  {
    whole,
    own,
    room,
    workingSets,
  }: { whole: Scale; own: Scale; room: Room; workingSets: WorkingSets },
): number {
  const { maxmemoryBytes, policy, pipeline, server } = cell;
  const parsed = Math.min(pipeline, serverNamed(server).parseAhead?.window ?? 1);
  const data = maxmemoryBytes - whole.fixedBytes - freeBytes(room, policy, parsed);
  const kept = ticksKept(workingSets.whole, data);
  const part =
    kept === Infinity
      ? data * (own.dataBytes / whole.dataBytes)
      : data * (bytesWithin(workingSets.own, kept) / bytesWithin(workingSets.whole, kept));
  return Math.max(1, Math.round(own.fixedBytes + part + freeBytes(room, policy, 1)));
}
