import { hitRatio } from '../metrics/columns.ts';
import { groupBy } from '../metrics/seeds.ts';
import type { Cell, CellResult } from '../replay/cell.ts';
import type { PlannedCell } from '../replay/plan.ts';
import {
  inLanes,
  withWorkers,
  type CellOutcome,
  type WorkerOptions,
  type Workers,
} from '../replay/pool.ts';
import { Bisection } from './bisection.ts';

/** The interval a search ends with: its width as a share of the bytes found. */
export const RESOLUTION = 0.002;

/** A server for which the maxmemory is searched that gives the hit ratio of another. */
export interface Search {
  /** On the first server, at the maxmemory given. */
  readonly first: PlannedCell;
  /** The same on a later server. */
  readonly later: PlannedCell;
}

/** What a search found, for one seed. */
export interface EqualHitRatio {
  readonly first: CellResult;
  /** The later server at the smallest maxmemory tried that reaches the hit ratio; undefined without one. */
  readonly later: CellResult | undefined;
  /** The largest maxmemory tried that falls short of it; the bytes of the empty server where none does. */
  readonly shortBytes: number | undefined;
  /** The later server, as it was planned. */
  readonly cell: Cell;
  /**
   * `unlimited`: the first server never came to its limit, so that there is nothing to compare. `unreachable`: the
   * later one falls short even without coming to its own. `no-lookups`: there is no hit ratio.
   */
  readonly state: 'found' | 'unlimited' | 'unreachable' | 'no-lookups';
}

/** The outcome of a search; `skipped` when it was interrupted. */
export type SearchOutcome =
  | { readonly state: 'done'; readonly found: EqualHitRatio }
  | Exclude<CellOutcome, { state: 'done' }>;

/** The searches of a sweep over several servers: every later one that has the policy, seed by seed, against the first. */
export function searchesOf(planned: readonly PlannedCell[]): Search[] {
  const groups = groupBy(planned, ({ cell }) =>
    JSON.stringify({ ...cell, server: '', allocator: '' }),
  );
  const { server, allocator } = planned[0].cell;
  return groups.flatMap(([first, ...later]) =>
    first.cell.server === server && first.cell.allocator === allocator
      ? later.map((one) => ({ first, later: one }))
      : [],
  );
}

/** Runs the searches, as many at a time as there are jobs, and answers in their order. */
export async function equalHitRatios(
  searches: readonly Search[],
  options: WorkerOptions & { readonly onDone?: (outcome: SearchOutcome) => void },
): Promise<SearchOutcome[]> {
  return withWorkers(options, async (workers) => {
    // Several servers are compared with the same first one.
    const firsts = new Map<Cell, Promise<CellOutcome>>();
    const outcomes: SearchOutcome[] = [];
    await inLanes(searches, options.jobs, async (search, i) => {
      const { cell } = search.first;
      const running = firsts.get(cell) ?? workers.run(search.first);
      firsts.set(cell, running);
      const first = await running;
      const outcome =
        first.state === 'done' ? await searchOne(first.result, search.later, workers) : first;
      outcomes[i] = outcome;
      options.onDone?.(outcome);
    });
    return outcomes;
  });
}

const comesToItsLimit = ({ evictedKeys, oomErrors }: CellResult): boolean =>
  evictedKeys > 0 || oomErrors > 0;

async function searchOne(
  first: CellResult,
  planned: PlannedCell,
  workers: Workers,
): Promise<SearchOutcome> {
  const { cell } = planned;
  const goal = hitRatio(first);
  const without = (state: EqualHitRatio['state']): SearchOutcome => ({
    state: 'done',
    found: { first, later: undefined, shortBytes: undefined, cell, state },
  });
  if (goal === undefined) return without('no-lookups');
  if (!comesToItsLimit(first)) return without('unlimited');
  let bisection: Bisection | undefined;
  let later: CellResult | undefined;
  for (let limit: number | undefined = cell.maxmemoryBytes; limit !== undefined;) {
    const outcome = await workers.run({ ...planned, cell: { ...cell, maxmemoryBytes: limit } });
    if (outcome.state !== 'done') return outcome;
    const { result } = outcome;
    bisection ??= new Bisection(limit, result.emptyMemoryBytes, RESOLUTION);
    const isReached = (hitRatio(result) ?? 0) >= goal;
    if (isReached) later = result;
    bisection.tell(isReached ? 'reached' : comesToItsLimit(result) ? 'short' : 'hopeless');
    limit = bisection.next;
  }
  if (later === undefined) return without('unreachable');
  return {
    state: 'done',
    found: { first, later, shortBytes: bisection?.low, cell, state: 'found' },
  };
}
