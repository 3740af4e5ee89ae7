import type { PolicyContext } from '../policies/policy.ts';
import { policyNamed } from '../policies/registry.ts';
import { Replay } from '../replay/batch.ts';
import type { Cell } from '../replay/cell.ts';
import { engineFor } from '../replay/replay.ts';
import { GET, TOUCH } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { withCurrentPool } from './current-pool.ts';
import { flows, timerOf } from './expiry.ts';
import { FlowingExpiry } from './flowing-expiry.ts';
import { withListener } from './listening.ts';
import { givesTtl } from './scale.ts';
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
  const { trace, cell, weight } = miniature;
  const hits = noneByReuse();
  let expiry: FlowingExpiry | undefined;
  const policy = withListener(withCurrentPool(policyNamed(cell.policy)), (context) => ({
    onHit: hitCounter(context, miniature, hits),
    onModify: (slot) => expiry?.onModify(slot),
  }));
  const engine = engineFor(trace, { ...cell, ...timerOf(cell, weight) }, policy);
  if (flows(cell) && givesTtl(trace)) expiry = new FlowingExpiry(engine, miniature);
  const replay = new Replay(engine, trace, cell, {
    // What comes together to the whole comes one by one to a part of it: as many together is what takes so much longer.
    periodMs: (1000 * weight) / cell.hz,
    ...(expiry && { beforeBatch: expiry.advance }),
  });
  const { counters } = engine.database;
  replay.to(cell.warmupRows);
  const { evictedKeys, expiredKeys, oomErrors } = counters;
  replay.to(trace.rows);
  const counts: MiniatureCounts = {
    hits,
    evictedKeys: counters.evictedKeys - evictedKeys,
    expiredKeys: counters.expiredKeys - expiredKeys,
    oomErrors: counters.oomErrors - oomErrors,
  };
  engine.release();
  return counts;
}

/** Hears of hits; adds the lookups among them after the warm-up to `hits`. */
function hitCounter(
  { clock }: PolicyContext,
  { trace: { ops, valueBytes }, cell: { warmupRows }, classes }: Miniature,
  hits: ByReuse,
): () => void {
  return () => {
    const { row } = clock;
    // The SET that fills a miss finds nothing to hit; other writes look their key up as well.
    if (row < warmupRows || (ops[row] !== GET && ops[row] !== TOUCH)) return;
    hits.lookups[classes[row]]++;
    if (ops[row] === GET) hits.bytes[classes[row]] += valueBytes[row];
  };
}
