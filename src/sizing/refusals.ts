import { rounderOf } from '../memory/size-classes.ts';
import { policyNamed } from '../policies/registry.ts';
import { baseBytesOf } from '../replay/base-bytes.ts';
import type { Cell } from '../replay/cell.ts';
import type { Workers } from '../replay/pool.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import type { TraceFacts } from './facts.ts';
import { mortalityOf, type Mortality } from './mortality.ts';
import type { Counts } from './point.ts';
import type { RefusedCounts } from './lane-counts.ts';
import { MOST_LANES } from './refusing-servers.ts';
import type { RefusingTask } from './refusing-worker.ts';

const WORKER = new URL('./refusing-worker.js', import.meta.url);
/** Keys times servers of a pass: 4 bytes of expiry each, so a quarter of a gigabyte. */
const MOST_PLACES = 2 ** 26;
/** Lookups that may have gone either way, as a share of all: half of what a miniature is off by (point.ts). */
const UNDECIDED = 0.001;

/** Tells what cells of one workload count where writes are refused, from passes that replay no eviction. */
export class Refusals {
  /** Rows of the passes so far, for the record. */
  rowsPassed = 0;
  private readonly trace: Trace;
  private readonly facts: TraceFacts;
  private readonly workers: Workers;
  private readonly onRun: (() => void) | undefined;
  private mortality: Mortality | undefined;

  constructor(
    trace: Trace,
    facts: TraceFacts,
    { workers, onRun }: { workers: Workers; onRun?: (() => void) | undefined },
  ) {
    this.trace = trace;
    this.facts = facts;
    this.workers = workers;
    this.onRun = onRun;
  }

  /**
   * The counts of noeviction cells, and of those of other policies that have nothing left to evict nearly all the time: keys without a TTL
   * take all there is, whatever the order in which the others go. Cells it knows nothing of are left out.
   */
  async counts(cells: readonly Cell[]): Promise<Map<Cell, Counts>> {
    const { hasTtl, allHaveTtl } = this.facts;
    const never = cells.filter(({ policy }) => policy === 'noeviction');
    const volatile = cells.filter(({ policy }) => policyNamed(policy).volatileOnly);
    const found = new Map<Cell, Counts>();
    if (never.length > 0 && !this.known().counts) {
      for (const [cell, { counts }] of await this.pass(never, false)) found.set(cell, counts);
    }
    if (volatile.length === 0 || !hasTtl || allHaveTtl) return found;
    const { isForLife, counts } = this.known();
    if (!isForLife || counts) return found;
    const lasting = new Map(volatile.map((cell) => [layoutKey(cell), cell]));
    const lastingBytes = new Map([...lasting].map(([key, cell]) => [key, this.lastingBytes(cell)]));
    const small = volatile.filter(
      (cell) => cell.maxmemoryBytes < lastingBytes.get(layoutKey(cell))!,
    );
    for (const [cell, refused] of await this.pass(small, true)) {
      const isDecided = refused.undecided <= UNDECIDED * this.facts.lookups;
      if (refused.counts.oomErrors > 0 && isDecided) found.set(cell, refused.counts);
    }
    return found;
  }

  private known(): Mortality {
    return (this.mortality ??= mortalityOf(this.trace));
  }

  /** Cells that differ in maxmemory go together; policies do not matter. */
  private async pass(
    cells: readonly Cell[],
    leavesOutMortals: boolean,
  ): Promise<Map<Cell, RefusedCounts>> {
    const { trace, workers, onRun } = this;
    const groups = new Map<string, Cell[]>();
    for (const cell of cells) {
      const key = JSON.stringify({ ...cell, policy: '', maxmemoryBytes: 0 });
      groups.set(key, [...(groups.get(key) ?? []), cell]);
    }
    const mostLanes = Math.max(1, Math.min(MOST_LANES, Math.floor(MOST_PLACES / trace.keyCount)));
    const tasks: RefusingTask[] = [];
    for (const group of groups.values()) {
      const bySize = [...new Map(group.map((cell) => [cell.maxmemoryBytes, cell])).values()];
      for (let first = 0; first < bySize.length; first += mostLanes) {
        tasks.push({
          trace,
          cells: bySize.slice(first, first + mostLanes),
          warmupRows: this.facts.warmupRows,
          mortality: this.known(),
          leavesOutMortals,
        });
      }
    }
    // The worker's answers are of this type: it is its only one.
    const results = (await workers.runEach(WORKER, tasks, onRun)) as (
      RefusedCounts[] | undefined
    )[];
    this.rowsPassed += tasks.length * trace.rows;
    const bySize = new Map<string, RefusedCounts>();
    for (const [i, task] of tasks.entries()) {
      for (const [lane, cell] of task.cells.entries()) {
        const counts = results[i]?.[lane];
        if (counts !== undefined) bySize.set(sizeKey(cell), counts);
      }
    }
    const found = new Map<Cell, RefusedCounts>();
    for (const cell of cells) {
      const counts = bySize.get(sizeKey(cell));
      if (counts !== undefined) found.set(cell, counts);
    }
    return found;
  }

  /** Bytes of the keys without a TTL, tables left out: beyond them nothing is ever refused for long. */
  private lastingBytes(cell: Cell): number {
    const { trace } = this;
    const { isMortal } = this.known();
    const layout = serverNamed(cell.server).stringLayout(rounderOf(cell.allocator));
    const longest = new Float64Array(trace.keyCount);
    for (let row = 0; row < trace.rows; row++) {
      const key = trace.keys[row];
      if (trace.valueBytes[row] > longest[key]) longest[key] = trace.valueBytes[row];
    }
    let bytes = baseBytesOf(cell);
    for (let key = 0; key < trace.keyCount; key++) {
      if (isMortal[key] === 0)
        bytes += layout.entryBytes(trace.keyBytes[key], longest[key], 'string', false);
    }
    return bytes;
  }
}

const layoutKey = ({ server, allocator }: Cell): string => JSON.stringify([server, allocator]);

const sizeKey = (cell: Cell): string => JSON.stringify({ ...cell, policy: '' });
