import type { Policy, PolicyDefinition } from '../policies/policy.ts';
import { policyNamed } from '../policies/registry.ts';
import { Replay } from '../replay/batch.ts';
import { PeriodBatches } from '../replay/batches.ts';
import type { Cell } from '../replay/cell.ts';
import { engineFor } from '../replay/replay.ts';
import { GET, TOUCH } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { withCurrentPool } from './current-pool.ts';
import { noneByReuse, type ByReuse } from './reuse.ts';

/** A cell on a sample, as a plain value for a worker thread. */
export interface Miniature {
  readonly trace: Trace;
  readonly cell: Cell;
  /** Keys of the whole for one of the sample. */
  readonly weight: number;
  /** Per row of the sample (reuse.ts). */
  readonly classes: Uint8Array;
}

/** What a sample counts after the warm-up. */
export interface MiniatureCounts {
  readonly hits: ByReuse;
  readonly evictedKeys: number;
  readonly expiredKeys: number;
  readonly oomErrors: number;
}

/** Replays a sample on its part of a server, its hits told apart by reuse. */
export function runMiniature(miniature: Miniature): MiniatureCounts {
  const { trace, cell } = miniature;
  const hits = noneByReuse();
  const policy = countingHits(withCurrentPool(policyNamed(cell.policy)), miniature, hits);
  const engine = engineFor(trace, cell, policy);
  const replay = new Replay(engine, trace, cell, batchesOf(miniature));
  const { counters } = engine.database;
  replay.to(cell.warmupRows);
  const { evictedKeys, expiredKeys, oomErrors } = counters;
  replay.to(trace.rows);
  return {
    hits,
    evictedKeys: counters.evictedKeys - evictedKeys,
    expiredKeys: counters.expiredKeys - expiredKeys,
    oomErrors: counters.oomErrors - oomErrors,
  };
}

/** What comes together to the whole comes one by one to a part of it: as many together is what takes so much longer. */
function batchesOf({ trace, weight, cell: { hz, pipeline } }: Miniature): PeriodBatches {
  return new PeriodBatches(trace, (1000 * weight) / hz, pipeline);
}

/** The same policy; lookups that hit after the warm-up are added to `hits`. */
function countingHits(
  definition: PolicyDefinition,
  { trace: { ops, valueBytes }, cell: { warmupRows }, classes }: Miniature,
  hits: ByReuse,
): PolicyDefinition {
  return {
    ...definition,
    create(context): Policy {
      const policy = definition.create(context);
      const { clock } = context;
      return {
        onHit: (slot) => {
          const { row } = clock;
          // The SET that fills a miss finds nothing to hit; other writes look their key up as well.
          if (row >= warmupRows && (ops[row] === GET || ops[row] === TOUCH)) {
            hits.lookups[classes[row]]++;
            if (ops[row] === GET) hits.bytes[classes[row]] += valueBytes[row];
          }
          policy.onHit(slot);
        },
        onInsert: (slot) => {
          policy.onInsert(slot);
        },
        onModify: (slot) => {
          policy.onModify?.(slot);
        },
        onRemove: (slot, reason) => {
          policy.onRemove(slot, reason);
        },
        chooseVictim: () => policy.chooseVictim(),
        ...(policy.hasVictims && { hasVictims: () => policy.hasVictims!() }),
      };
    },
  };
}
