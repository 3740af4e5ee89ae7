import * as keyFlags from '../keyspace/key-flags.ts';
import type { KeyRecords } from '../keyspace/key-records.ts';
import type { KeyTable } from '../keyspace/key-table.ts';
import { CandidatePool, POOL_EMPTY as EMPTY } from './candidate-pool.ts';
import { NO_VICTIM as NONE, type Policy, type PolicyContext } from './policy.ts';

const { NO_SLOT, POOLED, RESIDENT, VOLATILE } = keyFlags;
/** A candidate that is none any more. */
const GONE = -2;
const NO_VICTIM = NONE;
const POOL_EMPTY = EMPTY;

/** How a sampled policy scores keys: the only thing in which lru, lfu and ttl differ. */
export interface Ranking {
  /** Stamps the access metadata of a key that was looked up. */
  onHit(slot: number): void;
  onHits(slots: Int32Array, count: number): void;
  /** Gives a new key its first metadata. */
  onInsert(slot: number): void;
  /** Stamps a key that a command has changed, if changing is more than looking up. */
  onModify?(slot: number): void;
  /** Writes the scores of the first `count` slots to `scores`: the higher, the sooner they go. */
  score(slots: Int32Array, count: number, scores: Float64Array): void;
}

/**
 * The server's approximate eviction: per victim one pass that samples `maxmemory-samples` keys from its table, offers
 * them to the pool and takes the best that still exists.
 */
export class SampledPolicy implements Policy {
  private readonly ranking: Ranking;
  private readonly table: KeyTable;
  private readonly main: KeyTable;
  private readonly expires: KeyTable;
  private readonly records: KeyRecords;
  private readonly candidateFlag: number;
  /** Scoring looks the sampled key up again in the main table, which may move a rehash along there. */
  private readonly looksUpMain: boolean;
  private readonly samples: number;
  private readonly sampled: Int32Array;
  private readonly scores: Float64Array;
  /** A sample without a single key is taken for a lack of candidates, whatever the pool holds. */
  private readonly givesUpOnEmptySample: boolean;
  private readonly onScored: PolicyContext['onScored'];
  private readonly pool = new CandidatePool();

  constructor(
    context: PolicyContext,
    ranking: Ranking,
    volatileOnly: boolean,
    looksUpMain: boolean,
  ) {
    const { keyspace, settings } = context;
    this.ranking = ranking;
    this.table = volatileOnly ? keyspace.expires : keyspace.main;
    this.main = keyspace.main;
    this.expires = keyspace.expires;
    this.records = context.records;
    this.candidateFlag = volatileOnly ? VOLATILE : RESIDENT;
    this.looksUpMain = looksUpMain;
    this.samples = settings.maxmemorySamples;
    this.givesUpOnEmptySample = context.profile.emptySampleRefuses;
    this.onScored = context.onScored;
    this.sampled = new Int32Array(Math.min(this.samples, context.records.keyCount) + 1);
    this.scores = new Float64Array(this.sampled.length);
  }

  onHit(slot: number): void {
    this.ranking.onHit(slot);
  }

  onHits(slots: Int32Array, count: number): void {
    this.ranking.onHits(slots, count);
  }

  onInsert(slot: number): void {
    this.ranking.onInsert(slot);
  }

  onModify(slot: number): void {
    this.ranking.onModify?.(slot);
  }

  /** The pool keeps the key: the server finds out only when it wants to evict it. */
  onRemove(slot: number): void {
    const { meta, ids } = this.records;
    if (meta[slot] & POOLED) this.pool.onRemove(slot, ids[slot]);
  }

  peek(count: number): number {
    const { records, main, expires, pool } = this;
    let sum = 0;
    for (let taken = 0; taken < count; taken++) {
      const slot = pool.keyAfter(taken);
      if (slot <= 0) continue;
      const id = records.ids[slot];
      sum += main.peek(id) + records.slotOf(id) + records.bytes[slot] + records.mainLinks[slot];
      if (expires.size > 0) sum += expires.peek(id) + records.expiresLinks[slot];
    }
    return sum;
  }

  hasVictims(): boolean {
    return this.table.size > 0;
  }

  chooseVictim(): number {
    let victim = this.tryOnce();
    while (victim === NO_SLOT) victim = this.tryOnce();
    return victim;
  }

  /** Samples and takes the best candidate that still exists, if any; NO_SLOT when there is none but may be the next time. */
  private tryOnce(): number {
    const { table, sampled, scores } = this;
    if (table.size === 0) return NO_VICTIM;
    const count = table.sample(this.samples, sampled);
    if (count === 0 && this.givesUpOnEmptySample) return NO_VICTIM;
    if (this.looksUpMain && this.main.isRehashing) this.lookUp(count);
    this.ranking.score(sampled, count, scores);
    this.onScored?.(sampled, count);
    this.offer(count);
    const best = this.takeBest();
    return best === GONE ? this.takeNextBest() : best;
  }

  private takeBest(): number {
    const key = this.pool.takeBest();
    if (key === POOL_EMPTY) return NO_SLOT;
    const slot = key > 0 && !this.table.isRehashing ? key : this.foundAgain(key);
    return this.records.meta[slot] & this.candidateFlag ? slot : GONE;
  }

  private takeNextBest(): number {
    let best = GONE;
    while (best === GONE) best = this.takeBest();
    return best;
  }

  private lookUp(count: number): void {
    for (let i = 0; i < count; i++) this.main.onLookup(this.records.ids[this.sampled[i]]);
  }

  /** Puts those of the first `count` keys of the sample into the pool that are good enough for it. */
  private offer(count: number): void {
    const { pool, sampled, scores } = this;
    const { meta } = this.records;
    let { threshold } = pool;
    for (let i = 0; i < count; i++) {
      if (scores[i] <= threshold) continue;
      pool.add(sampled[i], scores[i]);
      meta[sampled[i]] |= POOLED;
      threshold = pool.threshold;
    }
  }

  /** The server looks the key up by its name: where it is now, or NO_SLOT. */
  private foundAgain(key: number): number {
    const { records } = this;
    const id = key > 0 ? records.ids[key] : ~key;
    this.table.onLookup(id);
    return key > 0 ? key : records.slotOf(id);
  }
}
