import { Kernel } from '../../src/keyspace/kernel.ts';
import { KeyRecords } from '../../src/keyspace/key-records.ts';
import { MemoryAccount } from '../../src/memory/account.ts';
import { rounderOf, type Rounder } from '../../src/memory/size-classes.ts';
import { Random } from '../../src/random.ts';

/** A kernel without an engine around it, with the dice of `random`, and what it keeps for its host. */
export function kernelFor(
  keyCount: number,
  {
    random = new Random(1, 'table'),
    limit = 0,
    round = rounderOf('jemalloc-q8'),
  }: { random?: Random; limit?: number; round?: Rounder } = {},
): { kernel: Kernel; account: MemoryAccount; records: KeyRecords } {
  const kernel = new Kernel(keyCount, random, round);
  const account = new MemoryAccount(0, limit, kernel.fields('accountFields'));
  return { kernel, account, records: new KeyRecords(kernel) };
}
