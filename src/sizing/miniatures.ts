import type { Cell } from '../replay/cell.ts';
import type { Workers } from '../replay/pool.ts';
import type { Trace } from '../trace/trace.ts';
import type { TraceFacts } from './facts.ts';
import { miniatureCell } from './miniature.ts';
import type { Counts } from './point.ts';
import { lookupsByReuse, reuseClasses, type ByReuse } from './reuse.ts';
import { roomOf, type Room } from './room.ts';
import type { Miniature, MiniatureCounts } from './run-miniature.ts';
import { sampleKeys, type Sample } from './sampling.ts';
import { scaleOf, type Scale } from './scale.ts';
import { scaledUp } from './scaled-up.ts';
import { serverKey, unlimitedCell, type ServerFrame } from './server-frame.ts';
import { SAMPLES } from './weight.ts';
import { workingSetOf, type WorkingSet } from './working-set.ts';

const WORKER = new URL('./miniature-worker.js', import.meta.url);

/** A cell to be run on samples of one key in `weight`. */
export interface MiniatureTask {
  readonly cell: Cell;
  readonly weight: number;
  readonly frame: ServerFrame;
}

/** A sample, and what is known of it whatever the server. */
interface KnownSample {
  readonly sample: Sample;
  readonly classes: Uint8Array;
  readonly lookups: ByReuse;
  readonly workingSet: WorkingSet;
}

/** The samples of one weight on one server. */
interface SampleFrame {
  readonly samples: readonly KnownSample[];
  readonly own: readonly Scale[];
  readonly rooms: readonly Room[];
  readonly unlimited: readonly MiniatureCounts[];
}

export interface MiniaturesOptions {
  readonly workers: Workers;
  /** Of the samples, and the first of the server's. */
  readonly seed: number;
  readonly onRun?: (() => void) | undefined;
}

/** Runs cells of one workload on {@link SAMPLES} samples of its keys, and tells what the whole would count. */
export class Miniatures {
  /** Rows replayed so far, for the record. */
  rowsReplayed = 0;
  private readonly trace: Trace;
  private readonly facts: TraceFacts;
  private readonly options: MiniaturesOptions;
  private readonly samples = new Map<number, readonly KnownSample[]>();
  private readonly frames = new Map<string, SampleFrame>();
  private lookups: ByReuse | undefined;
  private workingSet: WorkingSet | undefined;

  constructor(trace: Trace, facts: TraceFacts, options: MiniaturesOptions) {
    this.trace = trace;
    this.facts = facts;
    this.options = options;
  }

  /** What each sample says of each task's cell; undefined for those an interrupt came before. */
  async run(tasks: readonly MiniatureTask[]): Promise<(Counts[] | undefined)[]> {
    const frames: SampleFrame[] = [];
    for (const task of tasks) {
      const frame = await this.frameOf(task);
      if (frame === undefined) return tasks.map(() => undefined);
      frames.push(frame);
    }
    const results = await this.runAll(
      tasks.flatMap((task, i) => this.miniatures(task.cell, task, frames[i])),
    );
    return tasks.map((task, i) => {
      const own = results.slice(i * SAMPLES, (i + 1) * SAMPLES).filter((r) => r !== undefined);
      return own.length < SAMPLES ? undefined : this.scaledUp(task, frames[i], own);
    });
  }

  private scaledUp(
    { frame, weight }: MiniatureTask,
    { samples, unlimited }: SampleFrame,
    results: readonly MiniatureCounts[],
  ): Counts[] {
    const { facts } = this;
    const lookups = (this.lookups ??= lookupsOf(this.trace, facts.warmupRows));
    return results.map((limited, i) =>
      scaledUp(
        frame.unlimited.counts,
        { unlimited: unlimited[i], limited, lookups: samples[i].lookups },
        { weight, facts, lookups },
      ),
    );
  }

  private async frameOf(task: MiniatureTask): Promise<SampleFrame | undefined> {
    const { cell, weight } = task;
    const key = `${weight} ${serverKey(cell)}`;
    const known = this.frames.get(key);
    if (known !== undefined) return known;
    const samples = this.samplesOf(weight);
    const own = samples.map(({ sample }) => scaleOf(sample.trace, cell));
    const rooms = samples.map(({ sample }) => roomOf(sample.trace, cell));
    const empty = { samples, own, rooms, unlimited: [] };
    const without = unlimitedCell(cell, this.options.seed);
    const results = await this.runAll(this.miniatures(without, task, empty));
    const unlimited = results.filter((result) => result !== undefined);
    if (unlimited.length < SAMPLES) return undefined;
    const frame = { ...empty, unlimited };
    this.frames.set(key, frame);
    return frame;
  }

  /** The cell on each sample. */
  private miniatures(
    cell: Cell,
    { weight, frame }: MiniatureTask,
    { samples, own, rooms }: SampleFrame,
  ): Miniature[] {
    const { whole } = frame;
    const all = (this.workingSet ??= workingSetOf(this.trace));
    return samples.map(({ sample, classes, workingSet }, i) => {
      const seed = this.options.seed + i;
      const workingSets = { whole: all, own: workingSet };
      const about = {
        weight,
        whole,
        own: own[i],
        room: rooms[i],
        workingSets,
        seed,
      };
      return { trace: sample.trace, cell: miniatureCell(cell, sample, about), weight, classes };
    });
  }

  private samplesOf(weight: number): readonly KnownSample[] {
    const known = this.samples.get(weight);
    if (known !== undefined) return known;
    const drawn = sampleKeys(this.trace, {
      weight,
      count: SAMPLES,
      salt: this.options.seed,
      warmupRows: this.facts.warmupRows,
    });
    const samples = drawn.map((sample) => {
      const classes = reuseClasses(sample.trace);
      const lookups = lookupsByReuse(sample.trace, classes, sample.warmupRows);
      return { sample, classes, lookups, workingSet: workingSetOf(sample.trace) };
    });
    this.samples.set(weight, samples);
    return samples;
  }

  private async runAll(miniatures: readonly Miniature[]): Promise<(MiniatureCounts | undefined)[]> {
    const { workers, onRun } = this.options;
    // The worker's answers are of this type: it is its only one.
    const results = (await workers.runEach(WORKER, miniatures, onRun)) as (
      MiniatureCounts | undefined
    )[];
    for (const { trace } of miniatures) this.rowsReplayed += trace.rows;
    return results;
  }
}

function lookupsOf(trace: Trace, warmupRows: number): ByReuse {
  return lookupsByReuse(trace, reuseClasses(trace), warmupRows);
}
