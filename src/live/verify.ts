import type { Cell, CellResult } from '../replay/cell.ts';
import type { PlannedCell } from '../replay/plan.ts';
import { runCells } from '../replay/pool.ts';
import { engineFor } from '../replay/replay.ts';
import type { ServerProfile } from '../servers/profile.ts';
import { derive } from '../trace/derive.ts';
import type { Trace } from '../trace/trace.ts';
import type { ServerSource } from './live-server.ts';
import { measure, type Replayed } from './measure.ts';
import type { ServerRun } from './server-run.ts';

/** One policy under one limit: what servers and engine made of it. */
export interface Verified {
  /** The cell of the first seed. */
  readonly cell: Cell;
  readonly serverRuns: readonly ServerRun[];
  readonly engineRuns: readonly CellResult[];
}

export interface VerifyOptions {
  readonly source: ServerSource;
  readonly replayed: Replayed;
  readonly profile: ServerProfile;
  /** As the engine gets it: key lengths with the prefix. */
  readonly trace: Trace;
  /** Cells that differ in policy and limit, each with all its seeds. */
  readonly cells: readonly (readonly Cell[])[];
  readonly serverRepeats: number;
  /** Replays at a time. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly onDone: () => void;
}

/**
 * Replays the trace on servers, then on the engine at the times at which it ran there. Answers in the order of the
 * cells; interrupted, with those that were finished. A server that fails ends it all.
 */
export async function verify(options: VerifyOptions): Promise<Verified[]> {
  const { cells, lanes } = options;
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const verified: Verified[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < cells.length; i = next++) {
      if (signal.aborted) return;
      try {
        const one = await verifyOne(cells[i], { ...options, signal });
        if (one === undefined) return;
        verified[i] = one;
        options.onDone();
      } catch (error) {
        // The first failure is the one to tell; the others end because of it.
        if (!options.signal.aborted && !failure.signal.aborted) failure.abort(error);
      }
    }
  };
  // Lanes don't throw: every server is released before this returns.
  await Promise.all(Array.from({ length: Math.min(lanes, cells.length) }, lane));
  if (failure.signal.aborted) throw failure.signal.reason;
  return verified.filter((one) => (one as Verified | undefined) !== undefined);
}

async function verifyOne(
  seeds: readonly Cell[],
  { source, replayed, profile, trace, serverRepeats, signal }: VerifyOptions,
): Promise<Verified | undefined> {
  const serverRuns: ServerRun[] = [];
  for (let i = 0; i < serverRepeats; i++) {
    serverRuns.push(await measure(source, replayed, seeds[0], profile, signal));
  }
  const traces = serverRuns.map((run) => asItRan(trace, run));
  const planned = seeds.map((cell, i) =>
    plannedAsItRan(cell, traces[i % serverRepeats], serverRuns[i % serverRepeats]),
  );
  const outcomes = await runCells(planned, { jobs: 1, signal });
  const failed = outcomes.find((outcome) => outcome.state === 'failed');
  if (failed !== undefined) throw failed.error;
  const engineRuns = outcomes.flatMap((o) => (o.state === 'done' ? [o.result] : []));
  if (engineRuns.length < seeds.length) return undefined;
  return { cell: planned[0].cell, serverRuns, engineRuns };
}

/** The trace with the times at which its requests were sent. */
function asItRan(trace: Trace, { recording }: ServerRun): Trace {
  const { sent } = recording;
  return sent === undefined ? trace : derive(trace, { times: sent.timesMs, tickMs: 1 });
}

/** What a first key leaves behind for good: the warmed-up server has it, and the engine counts it itself. */
function bytesOfEmptied(trace: Trace, cell: Cell): number {
  const engine = engineFor(trace, { ...cell, maxmemoryBytes: 0 });
  engine.set(0, 0);
  engine.del(0);
  return engine.dataBytes;
}

function plannedAsItRan(cell: Cell, trace: Trace, run: ServerRun): PlannedCell {
  const { sent, epochSeconds } = run.recording;
  return {
    trace,
    cell: {
      ...cell,
      epochSeconds,
      startupMemoryBytes: run.emptyBytes - bytesOfEmptied(trace, cell),
      clientMemoryBytes: 0,
      // Under a trace clock no time passes while the server works.
      serverTime: sent === undefined ? 'none' : 'modelled',
    },
    ...(sent === undefined ? {} : { batchEnds: sent.batchEnds }),
  };
}
