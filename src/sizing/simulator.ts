import type { Cell, CellResult } from '../replay/cell.ts';
import type { PlannedCell } from '../replay/plan.ts';
import type { Workers } from '../replay/pool.ts';
import type { Trace } from '../trace/trace.ts';
import { traceFacts, type TraceFacts } from './facts.ts';
import { headroomApart } from './headroom-apart.ts';
import { Miniatures } from './miniatures.ts';
import { estimate, HIT_RATIO, refusesWrites, type Counts, type CurvePoint } from './point.ts';
import { Refusals } from './refusals.ts';
import { twinOf, withoutIdlePolicy } from './same-policy.ts';
import { countsOf } from './scaled-up.ts';
import {
  serverFrame,
  serverKey,
  unlimitedCell,
  type ServerFrame,
  type Unlimited,
} from './server-frame.ts';
import type { HeadroomOptions, TraceHeadroom } from './trace-headroom.ts';
import { expiredPerTick, FEW_EXPIRED_PER_TICK } from './expiry.ts';
import { isSampled, SAMPLES, weightFor } from './weight.ts';

/** Seeds of the server's dice where the whole workload is replayed. */
const WHOLE_SEEDS = 3;
/** Half of an interval of hit ratio up to which samples that refuse writes are taken at their word. */
const AGREED = 0.02;

export interface SimulatorOptions {
  readonly workers: Workers;
  readonly signal: AbortSignal;
  /** Of the samples, and the first of the server's. */
  readonly seed: number;
  readonly warmupRows: number;
  /** Replays everything, whatever it takes. */
  readonly exact: boolean;
  /** A run has finished. */
  readonly onRun?: () => void;
}

/**
 * Runs cells of one workload: whole when it is small, else in miniature. Where writes are refused, who is in is a matter of who
 * came first, and one hot key of a sample stands for a whole run of them: where the samples do not agree on it, such cells are
 * run whole; where nothing but the order of arrival decides, they are counted.
 */
export class Simulator {
  readonly trace: Trace;
  readonly facts: TraceFacts;
  /** Whether everything is run whole. */
  readonly isExact: boolean;
  private readonly options: SimulatorOptions;
  private readonly miniatures: Miniatures;
  private readonly refusals: Refusals;
  private readonly frames = new Map<string, ServerFrame>();
  private readonly points = new Map<string, CurvePoint>();
  private wholeRows = 0;

  constructor(trace: Trace, options: SimulatorOptions) {
    const { workers, seed, onRun } = options;
    this.trace = trace;
    this.options = options;
    this.facts = traceFacts(trace, options.warmupRows);
    this.isExact = options.exact || !isSampled(trace.keyCount);
    this.miniatures = new Miniatures(trace, this.facts, { workers, seed, onRun });
    this.refusals = new Refusals(trace, this.facts, { workers, onRun });
  }

  /** Rows replayed so far, for the record. */
  get rowsReplayed(): number {
    return this.wholeRows + this.refusals.rowsPassed + this.miniatures.rowsReplayed;
  }

  /** The point of each cell, in order; undefined for those an interrupt came before. */
  async run(cells: readonly Cell[]): Promise<(CurvePoint | undefined)[]> {
    const wanted = cells.map((cell) => withoutIdlePolicy(cell, this.facts));
    const missing = [...new Map(wanted.map((cell) => [keyOf(cell), cell])).values()].filter(
      (cell) => !this.points.has(keyOf(cell)),
    );
    for (const cell of missing) await this.frameOf(cell);
    if (!this.isAborted()) await this.runMissing(missing);
    return cells.map((cell, i) => {
      const point = this.points.get(keyOf(wanted[i]));
      return point && { ...point, cell };
    });
  }

  /** Runs of the whole workload, one for each cell, whatever the samples say; undefined when interrupted. */
  async runWhole(cells: readonly Cell[]): Promise<CurvePoint[] | undefined> {
    const results = await this.runAll(cells.map((cell) => ({ trace: this.trace, cell })));
    const done = results.filter((result) => result !== undefined);
    if (done.length < cells.length) return undefined;
    return done.map((result, i) => this.point(cells[i], 1, [countsOf(result)]));
  }

  /** The workload without a limit on the cell's server; undefined when interrupted. */
  async unlimited(cell: Cell): Promise<Unlimited | undefined> {
    return (await this.frameOf(cell))?.unlimited;
  }

  /** Bytes of the cell's server that are no data. */
  async fixedBytes(cell: Cell): Promise<number> {
    return (await this.frameOf(cell))?.whole.fixedBytes ?? 0;
  }

  /** The largest maxmemory whose hit ratio is not that of a cache that still fills. */
  async soundBytes(cell: Cell): Promise<number> {
    const frame = await this.frameOf(cell);
    if (frame === undefined) return 0;
    return frame.filledBytes >= frame.unlimited.peakBytes ? Infinity : frame.filledBytes;
  }

  /** The RAM that the cell's maxmemory needs under the whole workload; undefined when interrupted. */
  async headroom(cell: Cell, options: HeadroomOptions): Promise<TraceHeadroom | undefined> {
    return headroomApart(this.trace, cell, options, this.options.signal);
  }

  private async runMissing(cells: readonly Cell[]): Promise<void> {
    if (this.isExact) return this.runWholes(cells);
    const counted = await this.refusals.counts(cells);
    for (const [cell, counts] of counted) {
      this.points.set(keyOf(cell), this.point(cell, 1, [counts]));
    }
    const refusing = await this.runSampled(cells.filter((cell) => !counted.has(cell)));
    await this.runWholes(refusing);
  }

  /** Answers with the cells that refuse writes and on which the samples do not agree. */
  private async runSampled(cells: readonly Cell[]): Promise<Cell[]> {
    const twins = cells.map((cell) => twinOf(cell, this.facts));
    const unknown = [...new Map(twins.map((twin) => [keyOf(twin), twin])).values()].filter(
      (twin) => !this.points.has(keyOf(twin)),
    );
    const tasks = unknown.map((cell) => {
      const frame = this.frames.get(serverKey(cell))!;
      return { cell, weight: this.weightOf(cell, frame), frame };
    });
    const found = await this.miniatures.run(tasks);
    const disputed = new Set<string>();
    for (const [i, { cell, weight, frame }] of tasks.entries()) {
      const runs = found[i];
      if (runs === undefined) continue;
      const point = this.point(cell, weight, runs);
      if (refusesWrites(point) && !this.isAgreed(point, frame)) disputed.add(keyOf(cell));
      else this.points.set(keyOf(cell), point);
    }
    for (const [i, cell] of cells.entries()) {
      const point = this.points.get(keyOf(twins[i]));
      if (point === undefined) continue;
      // A twin that was run whole says nothing of this one: they agree in what they sample, not in what they refuse.
      if (point.weight > 1) this.points.set(keyOf(cell), { ...point, cell });
      else disputed.add(keyOf(twins[i]));
    }
    return cells.filter((_, i) => disputed.has(keyOf(twins[i])));
  }

  /** Whether samples of a cell that refuses writes are to be believed: not where what goes comes in lumps. */
  private isAgreed(point: CurvePoint, frame: ServerFrame): boolean {
    if (point.cell.policy !== 'noeviction' || this.manyExpire(point.cell, frame)) return false;
    const halfWidth = estimate(point, HIT_RATIO, this.facts)?.halfWidth;
    return halfWidth !== undefined && halfWidth <= AGREED;
  }

  private manyExpire(cell: Cell, { unlimited }: ServerFrame): boolean {
    return expiredPerTick(unlimited.counts, this.facts, cell) > FEW_EXPIRED_PER_TICK;
  }

  private async runWholes(cells: readonly Cell[]): Promise<void> {
    const seeds = this.isExact ? WHOLE_SEEDS : 1;
    const results = await this.runAll(
      cells.flatMap((cell) =>
        Array.from({ length: seeds }, (_, i) => ({
          trace: this.trace,
          cell: { ...cell, seed: this.options.seed + i },
        })),
      ),
    );
    for (const [at, cell] of cells.entries()) {
      const done = results.slice(at * seeds, (at + 1) * seeds).filter((r) => r !== undefined);
      if (done.length === seeds)
        this.points.set(keyOf(cell), this.point(cell, 1, done.map(countsOf)));
    }
  }

  private point(cell: Cell, weight: number, runs: readonly Counts[]): CurvePoint {
    const { filledBytes, unlimited } = this.frames.get(serverKey(cell))!;
    const limit = cell.maxmemoryBytes;
    return { cell, weight, runs, isFilled: limit <= filledBytes || limit >= unlimited.peakBytes };
  }

  private weightOf(cell: Cell, frame: ServerFrame): number {
    const { whole, unlimited } = frame;
    const share =
      (cell.maxmemoryBytes - whole.fixedBytes) / (unlimited.peakBytes - whole.fixedBytes);
    const weight = weightFor(this.trace, share * unlimited.keys, {
      ...this.facts,
      manyExpire: this.manyExpire(cell, frame),
      decides: cell.policy === 'volatile-ttl',
    });
    // Who is in is a matter of chance there: twice as many keys for it.
    return cell.policy === 'noeviction' ? Math.max(SAMPLES, weight / 2) : weight;
  }

  private async frameOf(cell: Cell): Promise<ServerFrame | undefined> {
    const known = this.frames.get(serverKey(cell));
    if (known !== undefined) return known;
    const { trace, facts, options } = this;
    const [all] = await this.runAll([{ trace, cell: unlimitedCell(cell, options.seed) }]);
    if (all === undefined) return undefined;
    const frame = serverFrame(trace, facts.warmupRows, cell, all);
    this.frames.set(serverKey(cell), frame);
    return frame;
  }

  /** undefined for what an interrupt came before; throws what a run has failed with. */
  private async runAll(planned: readonly PlannedCell[]): Promise<(CellResult | undefined)[]> {
    if (planned.length === 0) return [];
    const { workers, onRun } = this.options;
    const outcomes = await workers.runAll(planned, () => onRun?.());
    for (const { trace } of planned) this.wholeRows += trace.rows;
    return outcomes.map((outcome) => {
      if (outcome.state === 'failed') throw outcome.error;
      return outcome.state === 'done' ? outcome.result : undefined;
    });
  }

  private isAborted(): boolean {
    return this.options.signal.aborted;
  }
}

const keyOf = (cell: Cell): string => JSON.stringify(cell);
