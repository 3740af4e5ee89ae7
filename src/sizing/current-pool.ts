import { decayedCounter, LFU_MAX, MINUTES_MASK } from '../policies/lfu-counter.ts';
import {
  NO_VICTIM,
  type Policy,
  type PolicyContext,
  type PolicyDefinition,
} from '../policies/policy.ts';

/** As in the server. */
const PLACES = 16;

type Score = (slot: number) => number;

/**
 * A sampled policy for a miniature, where a candidate's score is always that of the moment. A server's pool keeps the score
 * that a key had when sampled; there it is taken within milliseconds. A miniature of one key in N evicts N times
 * as seldom: the same candidate waits N times as long, is asked for meanwhile, and would be evicted as if it had not been.
 * Other policies are returned as they are.
 */
export function withCurrentPool(definition: PolicyDefinition): PolicyDefinition {
  return {
    ...definition,
    create(context): Policy {
      const policy = definition.create(context);
      const score = definition.family === 'server' ? scoreOf(definition.name, context) : undefined;
      return score === undefined
        ? policy
        : new CurrentPool(policy, context, { score, volatileOnly: definition.volatileOnly });
    },
  };
}

/** The server's score, but such that it stays the same while nothing happens to the key and the minute lasts. */
function scoreOf(policy: string, context: PolicyContext): Score | undefined {
  const { records, clock, settings } = context;
  const { meta, expiresAtMs } = records;
  switch (policy.replace(/^(allkeys|volatile)-/, '')) {
    case 'lru':
    case 'lrm': {
      const { calls } = context.keyspace.kernel;
      return (slot) => calls.idleSeconds(slot) - clock.lruSeconds;
    }
    case 'lfu':
      return (slot) => {
        const then = (meta[slot] >>> 8) & MINUTES_MASK;
        const minutes = (clock.lfuMinutes - then) & MINUTES_MASK;
        return LFU_MAX - decayedCounter(meta[slot] & LFU_MAX, minutes, settings.lfuDecayTime);
      };
    case 'ttl':
      return (slot) => -expiresAtMs[slot];
    default:
      return undefined;
  }
}

class CurrentPool implements Policy {
  private readonly policy: Policy;
  private readonly context: PolicyContext;
  private readonly score: Score;
  private readonly table: PolicyContext['keyspace']['main'];
  private readonly samples: number;
  private readonly sampled: Int32Array;
  /** Per slot, whether it is a candidate: a key is one at most once, as where samples hardly ever meet a key again. */
  private readonly isPooled: Uint8Array;
  /** The candidates, the best first. */
  private readonly slots = new Int32Array(PLACES);
  private readonly scores = new Float64Array(PLACES);
  private count = 0;
  private minute = 0;

  constructor(
    policy: Policy,
    context: PolicyContext,
    { score, volatileOnly }: { score: Score; volatileOnly: boolean },
  ) {
    const { keyspace, settings, records } = context;
    this.policy = policy;
    this.context = context;
    this.score = score;
    this.table = volatileOnly ? keyspace.expires : keyspace.main;
    this.samples = settings.maxmemorySamples;
    this.sampled = keyspace.kernel.found;
    this.isPooled = new Uint8Array(records.slotLimit);
  }

  onHit(slot: number): void {
    this.policy.onHit(slot);
    if (this.isPooled[slot] === 1) this.scoreAnew(slot);
  }

  onInsert(slot: number): void {
    this.policy.onInsert(slot);
  }

  onModify(slot: number): void {
    this.policy.onModify?.(slot);
    if (this.isPooled[slot] === 1) this.scoreAnew(slot);
  }

  onRemove(slot: number): void {
    if (this.isPooled[slot] === 1) this.drop(slot);
  }

  chooseVictim(): number {
    const { table, sampled, isPooled, records } = this;
    this.keepUpWithDecay();
    do {
      if (table.size === 0) return NO_VICTIM;
      const count = table.sample(this.samples);
      for (let i = 0; i < count; i++) {
        if (isPooled[sampled[i]] === 0) this.offer(sampled[i]);
      }
      // A key that lost its TTL is no candidate of a volatile policy any more.
      while (this.count > 0 && table !== this.main && !records.isVolatile(this.slots[0]))
        this.drop(this.slots[0]);
    } while (this.count === 0);
    const victim = this.slots[0];
    this.drop(victim);
    table.onLookup(records.ids[victim]);
    return victim;
  }

  private get records(): PolicyContext['records'] {
    return this.context.records;
  }

  private get main(): PolicyContext['keyspace']['main'] {
    return this.context.keyspace.main;
  }

  private scoreAnew(slot: number): void {
    this.drop(slot);
    this.offer(slot);
  }

  /** Counters decay by the minute, all at once. */
  private keepUpWithDecay(): void {
    const { lfuMinutes } = this.context.clock;
    if (lfuMinutes === this.minute) return;
    this.minute = lfuMinutes;
    const candidates = this.slots.slice(0, this.count).reverse();
    this.count = 0;
    for (const slot of candidates) this.offer(slot);
  }

  /**
   * Among equals the one that came last goes first. In a server nothing happens between being sampled and being taken; a
   * candidate that waits its turn here would have time to be asked for, and only what is not would go: better than by
   * the score alone, of which lfu has few.
   */
  private offer(slot: number): void {
    const { slots, scores, isPooled } = this;
    const score = this.score(slot);
    isPooled[slot] = 0;
    if (this.count === PLACES) {
      if (scores[PLACES - 1] > score) return;
      isPooled[slots[PLACES - 1]] = 0;
      this.count--;
    }
    let place = this.count++;
    for (; place > 0 && scores[place - 1] <= score; place--) {
      slots[place] = slots[place - 1];
      scores[place] = scores[place - 1];
    }
    slots[place] = slot;
    scores[place] = score;
    isPooled[slot] = 1;
  }

  private drop(slot: number): void {
    const { slots, scores } = this;
    let place = 0;
    while (slots[place] !== slot) place++;
    this.count--;
    for (; place < this.count; place++) {
      slots[place] = slots[place + 1];
      scores[place] = scores[place + 1];
    }
    this.isPooled[slot] = 0;
  }
}
