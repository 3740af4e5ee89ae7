import { type KeyRecords, POOLED, RESIDENT, VOLATILE } from '../keyspace/key-records.ts';
import type { KeyTable } from '../keyspace/key-table.ts';
import { CandidatePool, POOL_EMPTY } from './candidate-pool.ts';
import { NO_VICTIM, type Policy, type PolicyContext } from './policy.ts';

/** How a sampled policy scores keys: the only thing in which lru, lfu and ttl differ. */
export interface Ranking {
  /** Stamps the access metadata of a key that was looked up. */
  onHit(slot: number): void;
  onHits(slots: Int32Array, count: number): void;
  /** Gives a new key its first metadata. */
  onInsert(slot: number): void;
  /** Stamps a key that a command has changed, if changing is more than looking up. */
  onModify?(slot: number): void;
  /** The higher, the sooner it goes. */
  scoreOf(slot: number): number;
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
    const { table, pool, ranking, sampled, records } = this;
    while (table.size > 0) {
      const count = table.sample(this.samples, sampled);
      if (count === 0 && this.givesUpOnEmptySample) return NO_VICTIM;
      for (let i = 0; i < count; i++) {
        const slot = sampled[i];
        // Asked first whether it matters: the key's id is another column to wait for.
        if (this.looksUpMain && this.main.isRehashing) this.main.onLookup(records.ids[slot]);
        if (pool.offer(slot, ranking.scoreOf(slot))) records.meta[slot] |= POOLED;
      }
      this.onScored?.(sampled, count);
      for (let key = pool.takeBest(); key !== POOL_EMPTY; key = pool.takeBest()) {
        const id = key > 0 ? records.ids[key] : ~key;
        table.onLookup(id);
        const slot = key > 0 ? key : records.slotOf(id);
        if (records.meta[slot] & this.candidateFlag) return slot;
      }
    }
    return NO_VICTIM;
  }
}
