import type { Rounder } from '../memory/size-classes.ts';
import type { ServerProfile } from '../servers/profile.ts';

/**
 * Bytes of the records of commands that wait, parsed ahead of their turn (src/kernel/parsed.ts): an array that is doubled as
 * needed.
 */
export function recordBytesOf(
  rules: ServerProfile['parseAhead'],
  waiting: number,
  round: Rounder,
): number {
  if (rules === undefined || rules.recordBytes === 0 || waiting === 0) return 0;
  let records = rules.firstRecords;
  while (records < waiting) records *= 2;
  return round(records * rules.recordBytes);
}
