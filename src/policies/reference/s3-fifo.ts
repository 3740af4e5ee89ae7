import { InvariantError } from '../../errors.ts';
import { NO_SLOT } from '../../keyspace/key-flags.ts';
import type { KeyRecords } from '../../keyspace/key-records.ts';
import type { KeyTable } from '../../keyspace/key-table.ts';
import { IndexLists, NO_ITEM } from '../../structures/index-lists.ts';
import {
  NO_VICTIM,
  type Policy,
  type PolicyContext,
  type PolicyDefinition,
  REMOVED_BY_EVICTION,
  type RemovalReason,
} from '../policy.ts';
import { checkResidents } from './check-residents.ts';
import { SegmentBytes } from './segment-bytes.ts';

/** The paper's parameters (§4.1 and algorithm 1). */
export const S3_FIFO_DEFAULTS = {
  /** Share of the resident bytes at which the small queue gives up its tail. */
  smallShare: 0.1,
  /** Ghosts per resident key: as many as the main queue has room for. */
  ghostsPerResident: 0.9,
  /** Where a key's counter stops: two bits. */
  maxTouches: 3,
  /** A key with more touches than this goes from the small queue to the main one. */
  promotedAbove: 1,
} as const;

/** Lists and segments go by the same numbers; list 0 is not used. */
const SMALL = 1;
const MAIN = 2;

/**
 * S3-FIFO: three static FIFO queues. New keys enter a small one, and those touched at least twice by the time they
 * reach its tail move to the main one; the rest is evicted and remembered as ghosts. A ghost that comes back goes
 * straight to main. The tail of main goes round again for each touch (up to three), untouched it is evicted.
 *
 * Source: Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all you need for cache eviction" (SOSP 2023), §4.1 and
 * algorithm 1; {@link S3_FIFO_DEFAULTS}.
 * Cost: a hit adds 1; a victim costs the keys passed over on the way; 14 bytes per resident key and 9 per key of the trace.
 *
 * Deviations: (1) sizes are bytes, and shares are of the resident bytes, which are the room for data whenever something
 * has to go. (2) Algorithm 1 evicts from main *and* goes on in small when a promotion overfills main; here each call
 * finds one victim, and small below its share is what "main is full" means. (3) The ghost queue is counted in keys,
 * 90 % of the resident ones; a ghost leaves it when its key comes back.
 */
class S3Fifo implements Policy {
  private readonly records: KeyRecords;
  private readonly resident: KeyTable;
  /** SMALL and MAIN, the latest arrival first. */
  private readonly queues: IndexLists;
  private readonly bytes: SegmentBytes;
  private readonly touches: Uint8Array;
  /** Keys, not slots: whom we remember is resident nowhere. The latest to go first. */
  private readonly ghosts: IndexLists;
  private readonly isGhost: Uint8Array;
  private ghostCount = 0;

  constructor(context: PolicyContext) {
    const { keyCount, slotLimit } = context.records;
    this.records = context.records;
    this.resident = context.keyspace.main;
    this.queues = new IndexLists(slotLimit, 3);
    this.bytes = new SegmentBytes(context.records, 3);
    this.touches = new Uint8Array(slotLimit);
    this.ghosts = new IndexLists(keyCount);
    this.isGhost = new Uint8Array(keyCount);
  }

  onHit(slot: number): void {
    this.bytes.touch(slot);
    if (this.touches[slot] < S3_FIFO_DEFAULTS.maxTouches) this.touches[slot]++;
  }

  onInsert(slot: number): void {
    const id = this.records.ids[slot];
    const wasGhost = this.isGhost[id] !== 0;
    if (wasGhost) this.forgetGhost(id);
    const queue = wasGhost ? MAIN : SMALL;
    this.touches[slot] = 0;
    this.queues.pushFront(queue, slot);
    this.bytes.enter(slot, queue);
  }

  onRemove(slot: number, reason: RemovalReason): void {
    const wasSmall = this.bytes.segmentOf(slot) === SMALL;
    this.bytes.leave(slot);
    this.queues.remove(slot);
    if (wasSmall && reason === REMOVED_BY_EVICTION) this.rememberGhost(this.records.ids[slot]);
  }

  private rememberGhost(id: number): void {
    this.isGhost[id] = 1;
    this.ghosts.pushFront(0, id);
    this.ghostCount++;
    const allowed = this.resident.size * S3_FIFO_DEFAULTS.ghostsPerResident;
    while (this.ghostCount > allowed) this.forgetGhost(this.ghosts.back(0));
  }

  private forgetGhost(id: number): void {
    this.isGhost[id] = 0;
    this.ghosts.remove(id);
    this.ghostCount--;
  }

  chooseVictim(): number {
    const { queues, bytes, touches } = this;
    bytes.settle();
    const smallTarget = bytes.total * S3_FIFO_DEFAULTS.smallShare;
    for (;;) {
      if (bytes.of(SMALL) >= smallTarget || queues.isEmpty(MAIN)) {
        const tail = queues.back(SMALL);
        if (tail === NO_ITEM) return NO_VICTIM;
        if (touches[tail] <= S3_FIFO_DEFAULTS.promotedAbove) return tail;
        touches[tail] = 0;
        bytes.move(tail, MAIN);
        queues.moveToFront(MAIN, tail);
      } else {
        const tail = queues.back(MAIN);
        if (touches[tail] === 0) return tail;
        touches[tail]--;
        queues.moveToFront(MAIN, tail);
      }
    }
  }

  checkInvariants(): void {
    const small = this.queues.itemsOf(SMALL);
    const main = this.queues.itemsOf(MAIN);
    checkResidents('s3-fifo', [...small, ...main], this.records);
    this.bytes.check('s3-fifo', SMALL, small);
    this.bytes.check('s3-fifo', MAIN, main);
    const ghosts = this.ghosts.itemsOf(0);
    if (
      ghosts.length !== this.ghostCount ||
      ghosts.some((id) => this.records.slotOf(id) !== NO_SLOT)
    ) {
      throw new InvariantError(
        `s3-fifo: ${this.ghostCount} ghosts counted, ${ghosts.length} queued`,
      );
    }
  }
}

export const s3Fifo = {
  name: 's3-fifo',
  family: 'reference',
  summary: 'S3-FIFO: a small queue that sifts, a main queue with second chances, ghosts',
  source: 'Yang et al., SOSP 2023, algorithm 1',
  volatileOnly: false,
  needsOwnValueObjects: true,
  create: (context) => new S3Fifo(context),
} satisfies PolicyDefinition;
