import type { Engine } from '../engine/engine.ts';
import type { Cell } from '../replay/cell.ts';
import type { Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';
import { ExpireCycles } from './expire-cycles.ts';

/**
 * The expire cycle of a miniature. A server's looks at 20 keys or more a tick; of a sample that is a good part, so that a cycle of
 * its own, as much more seldom, would leave the dead about for long and then take many at once. Here it goes on all the time, by as much
 * of the table as the whole server's would (docs/sizing.md).
 */
export class FlowingExpiry {
  private readonly trace: Trace;
  private readonly engine: Engine;
  private readonly cycles: ExpireCycles;
  private readonly weight: number;
  private readonly startMs: number;
  private readonly periodMs: number;
  private lastMs: number;

  /** `cell`: of the whole server. */
  constructor(
    engine: Engine,
    { trace, cell, weight }: { trace: Trace; cell: Cell; weight: number },
  ) {
    const { database } = engine;
    const { records, expires } = database.keyspace;
    this.engine = engine;
    this.trace = trace;
    this.weight = weight;
    this.startMs = cell.epochSeconds * 1000;
    this.periodMs = 1000 / cell.hz;
    this.lastMs = this.startMs;
    const expiryOf = (id: number): number => {
      const slot = records.slotOf(id);
      return records.isVolatile(slot) ? records.expiresAtMs[slot] : Infinity;
    };
    this.cycles = new ExpireCycles(
      {
        volatileKeys: () => expires.size,
        deadIn: (id, lanes, nowMs) => (nowMs > expiryOf(id) ? lanes & 1 : 0),
        nextDeathMs: (id, nowMs) => (expiryOf(id) >= nowMs ? expiryOf(id) : Infinity),
        expire: (id) => {
          database.expire(records.slotOf(id));
        },
      },
      cell,
      {
        lanes: 1,
        keyCount: trace.keyCount,
        longestMs: longestTtlMs(trace),
        startMs: this.startMs,
        salt: cell.seed,
      },
    );
  }

  /** A command changes a key: the row may give it a TTL. */
  onModify(slot: number): void {
    const { clock, database } = this.engine;
    const code = this.trace.ttls[clock.row];
    if (code === NO_TTL) return;
    this.cycles.fallsDue(database.keyspace.records.ids[slot], clock.nowMs + decodeTtl(code));
  }

  /** It goes on until `atMs` since the start of the trace. */
  readonly advance = (atMs: number): void => {
    const { cycles } = this;
    const nowMs = this.startMs + atMs;
    if (nowMs <= this.lastMs) return;
    cycles.advanceTo(nowMs);
    cycles.flow(0, (nowMs - this.lastMs) / this.periodMs, this.weight, nowMs);
    this.lastMs = nowMs;
  };
}

function longestTtlMs({ ttls, rows }: Trace): number {
  let longest = 0;
  for (let row = 0; row < rows; row++) {
    if (ttls[row] !== NO_TTL && ttls[row] > longest) longest = ttls[row];
  }
  return decodeTtl(longest);
}
