import { InvariantError } from '../../errors.ts';
import type { KeyRecords } from '../../keyspace/key-records.ts';

/** Throws InvariantError unless `members` names every resident key once, and no other. O(keys of the trace). */
export function checkResidents(policy: string, members: readonly number[], records: KeyRecords) {
  const unique = new Set(members);
  if (unique.size !== members.length) {
    throw new InvariantError(`${policy} holds ${members.length - unique.size} keys twice`);
  }
  for (let slot = 0; slot < records.slotLimit; slot++) {
    if (records.isResident(slot) !== unique.has(slot)) {
      const where = unique.has(slot) ? 'held but not resident' : 'resident but not held';
      throw new InvariantError(`${policy}: the key of slot ${slot} is ${where}`);
    }
  }
}
