import { InvariantError } from '../errors.ts';
import * as keyFlags from '../keyspace/key-flags.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { countersIn, type EngineCounters } from './counters.ts';

const { INTEGER } = keyFlags;

/** The server's database: the keys that are resident and what became of the others. The kernel changes it. */
export class Database {
  readonly counters: EngineCounters;
  readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.counters = countersIn(keyspace.kernel.fields('counterFields'));
  }

  /** Length of a resident key's value as it would be sent. */
  valueLength(slot: number): number {
    const { meta, values } = this.keyspace.records;
    return meta[slot] & INTEGER ? String(values[slot]).length : values[slot];
  }

  /** The number a key counts, 0 if it holds a string or nothing. */
  integerOf(slot: number): number {
    const { meta, values } = this.keyspace.records;
    return meta[slot] & INTEGER ? values[slot] : 0;
  }

  /** Removes a resident key whose time is over. */
  expire(slot: number): void {
    this.keyspace.kernel.calls.expireKey(slot);
  }

  /** What was stored is resident or counted as gone. Throws InvariantError. */
  checkInvariants(): void {
    const { storedValues, overwrittenValues, deletedKeys, evictedKeys, expiredKeys } =
      this.counters;
    const gone = overwrittenValues + deletedKeys + evictedKeys + expiredKeys;
    const resident = this.keyspace.main.size;
    if (storedValues !== resident + gone) {
      throw new InvariantError(`stored ${storedValues}, but ${resident} resident + ${gone} gone`);
    }
  }
}
