import type { Random } from '../random.ts';
import { GET } from '../trace/operations.ts';
import type { RowWindow } from './pace.ts';
import type { Permutation } from './permutation.ts';
import type { FlashCrowdPhase, ScanPhase } from './phases.ts';

/** The operation of a request when the group's own mix decides. */
export const ANY_OPERATION = -1;

/** Requests that leave the popularity law for a while: a share of those in a window of rows. */
export interface Detour extends RowWindow {
  readonly share: number;
  /** A code of operations.ts, or ANY_OPERATION. */
  readonly operation: number;
  /** The slot asked for next, when the slots below `alive` have a key. */
  nextSlot(alive: number): number;
}

/** Gets in key order: of `phase.keys` slots from `firstOwn` on that nobody else asks for, or else of all that are alive. */
export function scanDetour(phase: ScanPhase, window: RowWindow, firstOwn: number): Detour {
  let upcoming = 0;
  return {
    ...window,
    share: phase.share,
    operation: GET,
    nextSlot: (alive) => {
      const key = upcoming < (phase.keys ?? alive) ? upcoming : 0;
      upcoming = key + 1;
      return phase.keys === undefined ? key : firstOwn + key;
    },
  };
}

/** The coldest ranks of the law, all equally often. */
export function flashCrowdDetour(
  phase: FlashCrowdPhase,
  window: RowWindow,
  slots: number,
  scatter: Permutation | undefined,
  random: Random,
): Detour {
  const count = Math.min(phase.keys, slots);
  return {
    ...window,
    share: phase.share,
    operation: ANY_OPERATION,
    nextSlot: (alive) => {
      const rank = slots - 1 - random.below(count);
      return (scatter === undefined ? rank : scatter.at(rank)) % alive;
    },
  };
}
