import type { Arguments } from './arguments.ts';
import { parseWholeNumber } from './whole-number.ts';

const MEGABYTE = 1e6;
/** Beyond what memory itself can do. */
const FASTEST_MB = 100_000;

/** Bytes of used_memory that a save writes in a second; undefined where the command line does not say. */
export function snapshotRateOf(args: Arguments): number | undefined {
  const megabytes = args.one('snapshot-mb-per-s');
  if (megabytes === undefined) return undefined;
  return MEGABYTE * parseWholeNumber(megabytes, '--snapshot-mb-per-s', 1, FASTEST_MB);
}
