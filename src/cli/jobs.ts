import { availableParallelism } from 'node:os';
import type { Arguments } from './arguments.ts';
import { parseWholeNumber } from './whole-number.ts';

/** How much runs at a time: `--jobs`, else one per core. */
export function jobsOf(args: Arguments): number {
  const jobs = args.one('jobs');
  return jobs === undefined ? availableParallelism() : parseWholeNumber(jobs, '--jobs', 1, 1024);
}
