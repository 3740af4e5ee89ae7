import type { KeyRecords } from '../../keyspace/key-records.ts';
import type { KeyTable } from '../../keyspace/key-table.ts';
import { FrequencySketch } from '../../structures/frequency-sketch.ts';
import { IndexLists, NO_ITEM } from '../../structures/index-lists.ts';
import { NO_VICTIM, type Policy, type PolicyContext, type PolicyDefinition } from '../policy.ts';
import { checkResidents } from './check-residents.ts';
import { SegmentBytes } from './segment-bytes.ts';

/** The paper's parameters (§4.1, §5) and Caffeine's sketch width. */
export const W_TINYLFU_DEFAULTS = {
  /** Share of the resident bytes that new keys have for themselves. */
  windowShare: 0.01,
  /** Share of the main segments' bytes that are protected. */
  protectedShare: 0.8,
  /** Touches per resident key after which all frequencies are halved. */
  sampleFactor: 10,
  /** Sketch counters per row and resident key, at least. */
  countersPerResident: 4,
} as const;

/** Lists and segments go by the same numbers; list 0 is not used. */
const WINDOW = 1;
const PROBATION = 2;
const PROTECTED = 3;

/**
 * W-TinyLFU: new keys enter a small LRU window. The key that falls out of it stands for election against the LRU key
 * of the main segments: a sketch of recent frequencies, evicted keys included, decides which of the two is evicted. Main
 * is a segmented LRU: a touched key of the probation segment moves to the protected one, whose LRU key falls back.
 *
 * Source: Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache admission policy" (ACM ToS 13, 2017), §3–4;
 * {@link W_TINYLFU_DEFAULTS}.
 * Cost: O(1) per touch plus four sketch counters, and a pass over the sketch every 10 touches per resident key; at
 * most 29 bytes per resident key.
 *
 * Deviations: (1) sizes are bytes, and shares are of the resident bytes; one election is between one key and one key,
 * whatever their sizes. (2) Room is made before a key is inserted, so the key that falls out of the window waits in
 * probation until the next eviction, where the election is held; several that fall out in between are admitted, as there
 * was room. One that is touched while it waits is protected and has won. (3) No doorkeeper, and no adaptive window as in
 * Caffeine. (4) The sketch counts touches of resident keys and insertions: a miss that is not filled is not seen. (5)
 * The sketch doubles as the residents grow, since the number of keys that fit is not known beforehand.
 */
class WTinyLfu implements Policy {
  private readonly records: KeyRecords;
  private readonly resident: KeyTable;
  /** WINDOW, PROBATION and PROTECTED, the latest touched first. */
  private readonly recency: IndexLists;
  private readonly bytes: SegmentBytes;
  private readonly sketch: FrequencySketch;
  /** The last key that fell out of the window, while it waits in probation for its election. */
  private candidate = NO_ITEM;

  constructor(context: PolicyContext) {
    this.records = context.records;
    this.resident = context.keyspace.main;
    this.recency = new IndexLists(context.records.slotLimit, 4);
    this.bytes = new SegmentBytes(context.records, 4);
    this.sketch = new FrequencySketch(64);
  }

  onHit(slot: number): void {
    this.count(slot);
    this.bytes.touch(slot);
    const segment = this.bytes.segmentOf(slot);
    if (segment !== PROBATION) {
      this.recency.moveToFront(segment, slot);
      return;
    }
    if (slot === this.candidate) this.candidate = NO_ITEM;
    this.place(slot, PROTECTED);
    this.shrinkProtected();
  }

  onInsert(slot: number): void {
    this.count(slot);
    this.recency.pushFront(WINDOW, slot);
    this.bytes.enter(slot, WINDOW);
    this.shrinkWindow(slot);
  }

  onRemove(slot: number): void {
    if (slot === this.candidate) this.candidate = NO_ITEM;
    this.bytes.leave(slot);
    this.recency.remove(slot);
  }

  private count(slot: number): void {
    const { sketch } = this;
    const residents = this.resident.size;
    if (sketch.width < residents * W_TINYLFU_DEFAULTS.countersPerResident) sketch.double();
    sketch.increment(this.records.ids[slot]);
    if (sketch.additions >= residents * W_TINYLFU_DEFAULTS.sampleFactor) sketch.halve();
  }

  private frequencyOf(slot: number): number {
    return this.sketch.estimate(this.records.ids[slot]);
  }

  private place(slot: number, segment: number): void {
    this.bytes.move(slot, segment);
    this.recency.moveToFront(segment, slot);
  }

  private shrinkProtected(): void {
    const { bytes, recency } = this;
    const main = bytes.of(PROBATION) + bytes.of(PROTECTED);
    const target = main * W_TINYLFU_DEFAULTS.protectedShare;
    while (bytes.of(PROTECTED) > target) this.place(recency.back(PROTECTED), PROBATION);
  }

  /** The newcomer stays, even where it alone is more than the window's share. */
  private shrinkWindow(newcomer: number): void {
    const { bytes, recency } = this;
    const target = bytes.total * W_TINYLFU_DEFAULTS.windowShare;
    while (bytes.of(WINDOW) > target) {
      const fallen = recency.back(WINDOW);
      if (fallen === newcomer) return;
      this.place(fallen, PROBATION);
      this.candidate = fallen;
    }
  }

  chooseVictim(): number {
    const { recency, candidate } = this;
    this.bytes.settle();
    const tail = recency.back(PROBATION);
    if (candidate !== NO_ITEM) {
      this.candidate = NO_ITEM;
      return this.frequencyOf(candidate) > this.frequencyOf(tail) ? tail : candidate;
    }
    if (tail !== NO_ITEM) return tail;
    const fallback = recency.isEmpty(PROTECTED) ? WINDOW : PROTECTED;
    return recency.isEmpty(fallback) ? NO_VICTIM : recency.back(fallback);
  }

  checkInvariants(): void {
    const members: number[] = [];
    for (const segment of [WINDOW, PROBATION, PROTECTED]) {
      const listed = this.recency.itemsOf(segment);
      this.bytes.check('w-tinylfu', segment, listed);
      members.push(...listed);
    }
    checkResidents('w-tinylfu', members, this.records);
  }
}

export const wTinyLfu = {
  name: 'w-tinylfu',
  family: 'reference',
  summary: 'W-TinyLFU: a small LRU window, and admission to a segmented LRU by recent frequency',
  source: 'Einziger, Friedman, Manes, ACM Transactions on Storage 13 (2017)',
  volatileOnly: false,
  needsOwnValueObjects: true,
  create: (context) => new WTinyLfu(context),
} satisfies PolicyDefinition;
