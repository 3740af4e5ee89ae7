import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evictionTimeLimitUs } from '../../src/engine/eviction-time.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import {
  REMOVED_BY_COMMAND,
  REMOVED_BY_EVICTION,
  REMOVED_BY_EXPIRY,
} from '../../src/policies/policy.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';
import { MAY_NEED_MEMORY, type NaiveServer } from '../reference/naive-server.ts';
import type { PolicyEvent } from '../reference/observed-policy.ts';
import { type Scenario, scenarios, Stage, type Step } from '../reference/scenario.ts';

/** Something that holds for every policy, whatever happens to the server. Throws AssertionError where it does not. */
export type Law = (policy: PolicyDefinition) => void;

const RUNS = 80;

/** Plays arbitrary scenarios and looks after every command. */
function afterEveryCommand(
  policy: PolicyDefinition,
  check: (step: Step, stage: Stage, naive: NaiveServer) => void,
): void {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const stage = new Stage(policy, scenario);
      const naive = stage.naive(policy);
      for (const command of scenario.commands) {
        const step = stage.play(command);
        follow(naive, step);
        check(step, stage, naive);
      }
    }),
    { numRuns: RUNS },
  );
}

/** Tells the naive server what it cannot know: time, victims, what the background job deleted, what was refused. */
function follow(naive: NaiveServer, step: Step): void {
  naive.nowMs += step.command.dtMs;
  for (const event of step.eventsBefore) {
    if (event.kind !== 'removed') continue;
    if (event.reason === REMOVED_BY_EVICTION) naive.evict(event.id);
    else naive.expireInBackground(event.id);
  }
  for (const event of step.events) {
    if (event.kind === 'removed' && event.reason === REMOVED_BY_EVICTION) naive.evict(event.id);
  }
  if (!step.wasRefused) assert.equal(naive.run(step.command), step.answer, 'answer');
}

const foundNoVictim = (step: Step): boolean =>
  step.events.some((event) => event.kind === 'no victim');

const evictions = (events: readonly PolicyEvent[]): number =>
  events.filter((event) => event.kind === 'victim').length;

/** Whether the eviction loop gave up because its slice of time was over. */
function ranOutOfTime(step: Step, { serverTime, tenacity }: Scenario): boolean {
  const keys = evictions(step.events);
  const spentUs = keys * redis70.costs.evictionUs;
  return (
    serverTime === 'modelled' &&
    keys > 0 &&
    keys % 16 === 0 &&
    spentUs > evictionTimeLimitUs(tenacity)
  );
}

/**
 * After a command, memory is at or under the limit but for what that command itself allocated: its key, its entry, its
 * tables, its reply. When there was nothing left to evict, or no time left to do it, it is not higher than it was.
 */
export const memoryStaysUnderTheLimit: Law = (policy) => {
  afterEveryCommand(policy, (step, { engine, scenario }, naive) => {
    const { before, after, command } = step;
    const own =
      naive.bytesOf(command.key) +
      Math.max(0, after.tables - before.tables) +
      Math.max(0, after.replies - before.replies);
    const excused = foundNoVictim(step) || ranOutOfTime(step, scenario);
    const ceiling = excused ? Math.max(before.used, engine.account.limit) : engine.account.limit;
    assert.ok(after.used <= ceiling + own, `${after.used} used, ${ceiling} allowed, ${own} own`);
    if (step.wasRefused) assert.ok(after.used - after.replies <= before.used - before.replies);
  });
};

/** Peak memory is at least what is used after any command. */
export const peakIsNeverBelowUse: Law = (policy) => {
  afterEveryCommand(policy, ({ after }, { engine }) => {
    assert.ok(engine.account.peak >= after.used, `peak ${engine.account.peak} < ${after.used}`);
  });
};

export const victimsAreResident: Law = (policy) => {
  afterEveryCommand(policy, ({ events, eventsBefore }) => {
    for (const event of [...eventsBefore, ...events]) {
      if (event.kind === 'victim') assert.ok(event.isResident, `key ${event.id} is not resident`);
    }
  });
};

/** A chosen victim is evicted, nothing else is, and each once. */
export const onlyVictimsAreEvicted: Law = (policy) => {
  afterEveryCommand(policy, ({ events, eventsBefore }) => {
    const all = [...eventsBefore, ...events];
    const evicted = all.filter((e) => e.kind === 'removed' && e.reason === REMOVED_BY_EVICTION);
    const chosen = all.filter((e) => e.kind === 'victim');
    assert.deepEqual(
      evicted.map((e) => 'id' in e && e.id),
      chosen.map((e) => e.id),
    );
  });
};

/** Holds for policies that may only evict volatile keys. */
export const keysWithoutTtlAreNeverEvicted: Law = (policy) => {
  afterEveryCommand(policy, ({ events, eventsBefore }) => {
    for (const event of [...eventsBefore, ...events]) {
      if (event.kind === 'victim') assert.ok(event.isVolatile, `key ${event.id} has no TTL`);
    }
  });
};

/** Holds for policies that evict nothing at all. */
export const nothingIsEverEvicted: Law = (policy) => {
  afterEveryCommand(policy, ({ events, eventsBefore }) => {
    assert.equal(evictions(events) + evictions(eventsBefore), 0);
  });
};

/** Holds for policies that evict at all. */
export const giveUpOnlyWithoutCandidates: Law = (policy) => {
  afterEveryCommand(policy, ({ events, eventsBefore }) => {
    for (const event of [...eventsBefore, ...events]) {
      if (event.kind !== 'no victim') continue;
      assert.equal(policy.volatileOnly ? event.volatileKeys : event.residents, 0);
    }
  });
};

/** Refused is what may need memory, when the policy has no victim; never a read, DEL, EXPIRE, PERSIST or TOUCH. */
export const refusalsAreTheServers: Law = (policy) => {
  afterEveryCommand(policy, (step) => {
    const expected = MAY_NEED_MEMORY.has(step.command.op) && foundNoVictim(step);
    assert.equal(step.wasRefused, expected, step.command.op);
    if (step.wasRefused) assert.equal(step.answer, false);
  });
};

/** The eviction check is strict, and counts the arguments of the command that is about to run. */
export const evictionStartsAboveTheLimit: Law = (policy) => {
  afterEveryCommand(policy, (step, { engine }, naive) => {
    const needed = step.before.used + naive.argumentBytes(step.command) - engine.account.limit;
    const started = evictions(step.events) > 0 || foundNoVictim(step);
    assert.equal(started, needed > 0, `${needed} bytes over the limit`);
  });
};

export const hitsAndMissesAreTheLookups: Law = (policy) => {
  let lookups = 0;
  afterEveryCommand(policy, ({ command }, { engine, scenario }, naive) => {
    if (scenario.commands[0] === command) lookups = 0;
    if (command.op === 'get' || command.op === 'touch') lookups++;
    const { hits, misses } = engine.database.counters;
    assert.equal(hits + misses, lookups);
    assert.deepEqual({ hits, misses }, { hits: naive.hits, misses: naive.misses });
  });
};

/** stored = resident + evicted + expired + deleted + overwritten, each as the naive server counts it. */
export const storedIsResidentOrGone: Law = (policy) => {
  afterEveryCommand(policy, (_, { engine }, naive) => {
    const { counters, keyspace } = engine.database;
    const gone =
      counters.evictedKeys +
      counters.expiredKeys +
      counters.deletedKeys +
      counters.overwrittenValues;
    assert.equal(counters.storedValues, keyspace.main.size + gone);
    assert.deepEqual(
      [
        counters.storedValues,
        counters.evictedKeys,
        counters.expiredKeys,
        counters.deletedKeys,
        counters.overwrittenValues,
      ],
      [naive.stored, naive.evicted, naive.expired, naive.deleted, naive.overwritten],
    );
  });
};

/** Keys, values and TTLs are what a Map with the same victims holds: SET NX, XX, KEEPTTL, INCR, EXPIRE, PERSIST. */
export const contentsAreTheNaiveServers: Law = (policy) => {
  afterEveryCommand(policy, (_, { engine }, naive) => {
    const { records } = engine.database.keyspace;
    for (let id = 0; id < records.keyCount; id++) {
      const entry = naive.entries.get(id);
      const slot = records.slotOf(id);
      assert.equal(records.isResident(slot), entry !== undefined, `residency of key ${id}`);
      if (!entry) continue;
      const { value, expiresAtMs } = entry;
      assert.equal(records.isVolatile(slot), expiresAtMs !== null, `volatility of key ${id}`);
      if (expiresAtMs !== null) assert.equal(records.expiresAtMs[slot], expiresAtMs);
      if (value.kind === 'integer') assert.equal(engine.database.integerOf(slot), value.number);
      const length = value.kind === 'integer' ? String(value.number).length : value.length;
      assert.equal(engine.database.valueLength(slot), length, `value of key ${id}`);
    }
  });
};

/** `used_memory` beyond the empty server is the sum over residents and the tables, to the byte. */
export const bytesAreTheNaiveRecount: Law = (policy) => {
  afterEveryCommand(policy, ({ after }, { engine }, naive) => {
    assert.equal(engine.dataBytes, naive.dataBytes + after.tables);
  });
};

/** The engine's own recount of chains, records, bytes and the policy's structures. */
export const invariantsHold: Law = (policy) => {
  afterEveryCommand(policy, (_, { engine }) => {
    engine.checkInvariants();
  });
};

/** A key that was written is there until it is evicted, expired or deleted. */
export const writtenKeysHit: Law = (policy) => {
  const written = new Map<number, number>();
  afterEveryCommand(policy, (step, { engine, scenario }) => {
    const { command, wasRefused, answer, events, eventsBefore } = step;
    if (scenario.commands[0] === command) written.clear();
    for (const event of [...eventsBefore, ...events]) {
      if (event.kind === 'removed') written.delete(event.id);
    }
    if (command.op === 'get') assert.equal(answer, written.has(command.key));
    if (!MAY_NEED_MEMORY.has(command.op) || wasRefused || !answer) return;
    written.set(command.key, engine.clock.nowMs);
  });
};

/** A key is dead one millisecond after its expiry, not at it; and removal for expiry happens to dead keys only. */
export const expiredKeysAreNeverHit: Law = (policy) => {
  const expiries = new Map<number, number>();
  afterEveryCommand(policy, (step, { engine, scenario }) => {
    const { command, answer, events, eventsBefore } = step;
    if (scenario.commands[0] === command) expiries.clear();
    const { nowMs } = engine.clock;
    const expiry = expiries.get(command.key);
    if (command.op === 'get' && expiry !== undefined && nowMs > expiry) assert.equal(answer, false);
    for (const event of [...eventsBefore, ...events]) {
      if (event.kind !== 'removed') continue;
      if (event.reason === REMOVED_BY_EXPIRY) assert.ok(nowMs > expiries.get(event.id)!);
      if (event.reason === REMOVED_BY_COMMAND) {
        assert.ok(command.op === 'del' || (command.op === 'expire' && command.ttlMs! <= 0));
      }
    }
    const { records } = engine.database.keyspace;
    const slot = records.slotOf(command.key);
    if (records.isVolatile(slot)) expiries.set(command.key, records.expiresAtMs[slot]);
    else expiries.delete(command.key);
  });
};

/** What happened to a scenario, in full. */
function story(policy: PolicyDefinition, scenario: Scenario): unknown {
  const stage = new Stage(policy, scenario);
  const steps = scenario.commands.map((command) => stage.play(command));
  return { steps, counters: { ...stage.engine.database.counters } };
}

export const sameSeedSameRun: Law = (policy) => {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      assert.deepEqual(story(policy, scenario), story(policy, scenario));
    }),
    { numRuns: RUNS },
  );
};

/** Holds for policies that sample. */
export const anotherSeedIsAnotherRun: Law = (policy) => {
  const commands = Array.from({ length: 300 }, (_, i) => ({
    op: 'set' as const,
    key: (i * 7) % 64,
    value: 100,
    ttlMs: 1_000_000 + ((i * 37) % 1000),
    dtMs: 10,
  }));
  const scenario: Scenario = {
    allocator: 'jemalloc-q8',
    roomBytes: 3000,
    samples: 5,
    serverTime: 'none',
    tenacity: 10,
    resizesReplies: false,
    hz: 10,
    seed: 1,
    commands,
  };
  assert.notDeepEqual(story(policy, scenario), story(policy, { ...scenario, seed: 2 }));
};
