import { InvariantError, UsageError } from '../../errors.ts';
import type { KeyRecords } from '../../keyspace/key-records.ts';
import { IndexHeap } from '../../structures/index-heap.ts';
import { NO_ITEM } from '../../structures/index-lists.ts';
import type { Trace } from '../../trace/trace.ts';
import {
  NO_VICTIM,
  type Policy,
  type PolicyContext,
  type PolicyDefinition,
  type ServerClock,
} from '../policy.ts';
import { checkResidents } from './check-residents.ts';
import { NEVER_USED, nextUsesOf } from './next-use.ts';

/**
 * Belady's optimum (MIN): knows the trace, and evicts the key whose next useful use lies farthest ahead: the next row
 * that looks it up before it is overwritten or deleted (next-use.ts). A key that has none goes before all others, and so
 * does one whose TTL, as it stands, runs out before that row.
 *
 * Source: Belady, "A study of replacement algorithms for a virtual-storage computer" (IBM Systems Journal 1966); proof
 * of optimality in Mattson et al. (1970).
 * Cost: O(log keys) per touch, 12 bytes per resident key and 4 per row of the trace. No options.
 *
 * What it is the optimum of: hits, with keys of equal size and no TTLs, among the policies that make room first and then
 * admit the newcomer, as the server does. The variant that may refuse the newcomer has more hits. With unequal sizes
 * this one goes by the next use alone, whatever a key weighs, and is no bound: the optimum is NP-hard then. TTLs cost it
 * little: only an EXPIRE or PERSIST that would have saved a key in time is not foreseen.
 */
class Belady implements Policy {
  private readonly records: KeyRecords;
  private readonly clock: ServerClock;
  private readonly trace: Trace;
  private readonly nextUses: Uint32Array;
  /** The resident keys by the row of their next use. */
  private readonly future: IndexHeap;
  /** The key touched last: its TTL may change after the policy is told of it. */
  private touched = NO_ITEM;
  /** Unix time of trace time 0, ms: the least there was, as the writes of a batch run later than their rows say. */
  private startMs = Infinity;

  constructor(context: PolicyContext) {
    if (context.trace === undefined) {
      throw new UsageError(
        'Policy "belady" must know the future: it can replay a trace, not serve live commands.',
      );
    }
    this.records = context.records;
    this.clock = context.clock;
    this.trace = context.trace;
    this.nextUses = nextUsesOf(context.trace);
    this.future = new IndexHeap(context.records.slotLimit);
  }

  onHit(slot: number): void {
    this.settle();
    this.future.update(slot, this.nextUses[this.clock.row]);
    this.touch(slot);
  }

  onInsert(slot: number): void {
    this.settle();
    this.future.push(slot, this.nextUses[this.clock.row]);
    this.touch(slot);
  }

  onRemove(slot: number): void {
    if (slot === this.touched) this.touched = NO_ITEM;
    this.future.remove(slot);
  }

  private touch(slot: number): void {
    const { clock, trace } = this;
    this.touched = slot;
    const startMs = clock.nowMs - trace.times[clock.row] * trace.tickMs;
    if (startMs < this.startMs) this.startMs = startMs;
  }

  /** Now that the command is over: does the key touched last live to see its next use? */
  private settle(): void {
    const { records, future, trace, touched } = this;
    if (touched === NO_ITEM || !records.isVolatile(touched)) return;
    const nextUse = future.priorityOf(touched);
    if (nextUse === NEVER_USED) return;
    const nextUseMs = this.startMs + trace.times[nextUse] * trace.tickMs;
    if (nextUseMs > records.expiresAtMs[touched]) future.update(touched, NEVER_USED);
  }

  chooseVictim(): number {
    this.settle();
    const farthest = this.future.peek();
    return farthest === NO_ITEM ? NO_VICTIM : farthest;
  }

  checkInvariants(): void {
    const members: number[] = [];
    for (let slot = 0; slot < this.records.slotLimit; slot++)
      if (this.future.has(slot)) members.push(slot);
    checkResidents('belady', members, this.records);
    if (members.length !== this.future.size) {
      throw new InvariantError(`belady: ${members.length} keys in a heap of ${this.future.size}`);
    }
  }
}

export const belady = {
  name: 'belady',
  family: 'reference',
  summary:
    "Belady's optimum: knows the trace, evicts the key needed last; no bound for unequal sizes",
  source: 'Belady, IBM Systems Journal 5 (1966)',
  volatileOnly: false,
  needsOwnValueObjects: true,
  foreseesTrace: true,
  create: (context) => new Belady(context),
} satisfies PolicyDefinition;
