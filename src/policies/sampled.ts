import { VOLATILE } from '../keyspace/key-records.ts';
import { RECORD_SHIFT, RESIDENT } from '../keyspace/key-records.ts';
import type { KeyTable } from '../keyspace/key-table.ts';
import { CandidatePool, POOL_EMPTY } from './candidate-pool.ts';
import { NO_VICTIM, type Policy, type PolicyContext } from './policy.ts';

/** How a sampled policy scores keys: the only thing in which lru, lfu and ttl differ. */
export interface Ranking {
  /** Stamps the access metadata of a key that was looked up. */
  onHit(id: number): void;
  /** Gives a new key its first metadata. */
  onInsert(id: number): void;
  /** Stamps a key that a command has changed, if changing is more than looking up. */
  onModify?(id: number): void;
  /** The higher, the sooner it goes. */
  scoreOf(id: number): number;
}

/**
 * The server's approximate eviction: per victim one pass that samples `maxmemory-samples` keys from its table, offers
 * them to the pool and takes the best that still exists.
 */
export class SampledPolicy implements Policy {
  private readonly ranking: Ranking;
  private readonly table: KeyTable;
  private readonly main: KeyTable;
  private readonly words: Int32Array;
  private readonly candidateFlag: number;
  /** Scoring looks the sampled key up again in the main table, which may move a rehash along there. */
  private readonly looksUpMain: boolean;
  private readonly samples: number;
  private readonly sampled: Int32Array;
  /** A sample without a single key is taken for a lack of candidates, whatever the pool holds. */
  private readonly givesUpOnEmptySample: boolean;
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
    this.words = context.records.words;
    this.candidateFlag = volatileOnly ? VOLATILE : RESIDENT;
    this.looksUpMain = looksUpMain;
    this.samples = settings.maxmemorySamples;
    this.givesUpOnEmptySample = context.profile.emptySampleRefuses;
    this.sampled = new Int32Array(Math.min(this.samples, context.records.keyCount) + 1);
  }

  onHit(id: number): void {
    this.ranking.onHit(id);
  }

  onInsert(id: number): void {
    this.ranking.onInsert(id);
  }

  onModify(id: number): void {
    this.ranking.onModify?.(id);
  }

  /** The pool keeps its entry: the server finds out only when it wants to evict the key. */
  onRemove(): void {}

  chooseVictim(): number {
    const { table, pool, ranking, sampled } = this;
    while (table.size > 0) {
      const count = table.sample(this.samples, sampled);
      if (count === 0 && this.givesUpOnEmptySample) return NO_VICTIM;
      for (let i = 0; i < count; i++) {
        const id = sampled[i];
        if (this.looksUpMain) this.main.onLookup(id);
        pool.offer(id, ranking.scoreOf(id));
      }
      for (let id = pool.takeBest(); id !== POOL_EMPTY; id = pool.takeBest()) {
        table.onLookup(id);
        if (this.words[id << RECORD_SHIFT] & this.candidateFlag) return id;
      }
    }
    return NO_VICTIM;
  }
}
