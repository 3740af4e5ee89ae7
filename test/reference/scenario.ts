import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import {
  NEVER,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_PRESENT,
  SET_KEEPING_TTL,
  type SetMode,
} from '../../src/engine/set-options.ts';
import type { PolicyDefinition } from '../../src/policies/policy.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';
import { OPERATIONS } from '../../src/trace/operations.ts';
import { allocateTrace, type Trace } from '../../src/trace/trace.ts';
import { encodeTtl, NO_TTL } from '../../src/trace/ttl.ts';
import { NaiveBytes } from './naive-bytes.ts';
import { type Command, NaiveServer } from './naive-server.ts';
import { observed, type PolicyEvent } from './observed-policy.ts';

/** A server, how it is set up, and what happens to it. */
export interface Scenario {
  readonly allocator: 'jemalloc-q8' | 'jemalloc-q16';
  /** Bytes of the limit beyond the empty server; null = no limit. */
  readonly roomBytes: number | null;
  readonly samples: number;
  readonly serverTime: 'modelled' | 'none';
  readonly tenacity: number;
  /** Whether the client's reply buffer follows its demand or stays as it is. */
  readonly resizesReplies: boolean;
  readonly hz: number;
  readonly seed: number;
  readonly commands: readonly Command[];
}

const START_MS = 1_700_000_000_000;
const EMPTY_SERVER_BYTES = 10_000;
export const KEYS = 64;

/** Lengths of the key names: short ones, and one in eight long enough for another string header. */
const KEY_BYTES = Uint32Array.from({ length: KEYS }, (_, id) =>
  id % 8 === 7 ? 290 : 4 + (id % 40),
);

const keys = fc.oneof(fc.nat(KEYS - 1), fc.nat(7));
const valueBytes = fc.oneof(
  { weight: 6, arbitrary: fc.nat(64) },
  { weight: 2, arbitrary: fc.nat(400) },
  { weight: 1, arbitrary: fc.integer({ min: 400, max: 6000 }) },
);
const ttls = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1000, max: 100_000 }),
);
const pauses = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0) },
  { weight: 20, arbitrary: fc.nat(20) },
  { weight: 4, arbitrary: fc.nat(400) },
  { weight: 1, arbitrary: fc.nat(7000) },
);

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constantFrom('set', 'set', 'set', 'setnx', 'setxx'),
      key: keys,
      value: valueBytes,
      ttlMs: ttls,
      dtMs: pauses,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('setint'),
      key: keys,
      value: fc.oneof(fc.nat(9999), fc.integer({ min: -2_000_000_000, max: 2_000_000_000 })),
      ttlMs: ttls,
      dtMs: pauses,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('expire'),
      key: keys,
      value: fc.constant(0),
      ttlMs: fc.oneof(fc.integer({ min: -1, max: 300 }), fc.nat(5000)),
      dtMs: pauses,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      op: fc.constantFrom('get', 'get', 'get', 'touch', 'incr', 'del', 'persist', 'setkeep'),
      key: keys,
      value: valueBytes,
      ttlMs: fc.constant(null),
      dtMs: pauses,
    }),
  },
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  allocator: fc.constantFrom('jemalloc-q8', 'jemalloc-q16'),
  roomBytes: fc.constantFrom(0, 1500, 2500, 4000, 6000, 6000, 12_000, null),
  samples: fc.constantFrom(1, 5, 5, 10, 64),
  serverTime: fc.constantFrom('modelled', 'none'),
  tenacity: fc.constantFrom(0, 10, 100),
  resizesReplies: fc.boolean(),
  hz: fc.constantFrom(10, 1),
  seed: fc.nat(),
  commands: fc.array(commands, { minLength: 1, maxLength: 250, size: 'max' }),
});

/** What one command did. */
export interface Step {
  readonly command: Command;
  readonly answer: boolean;
  readonly wasRefused: boolean;
  /** From the wake-up before the command, and during it. */
  readonly eventsBefore: readonly PolicyEvent[];
  readonly events: readonly PolicyEvent[];
  /** `used_memory`, tables and reply buffer before the command (after the wake-up) and after it. */
  readonly before: Levels;
  readonly after: Levels;
}

interface Levels {
  readonly used: number;
  readonly tables: number;
  readonly replies: number;
}

/** A scenario being played to an engine with `policy`. */
export class Stage {
  readonly engine: Engine;
  readonly scenario: Scenario;
  private readonly log: PolicyEvent[] = [];
  private row = 0;
  private nowMs = START_MS;

  constructor(policy: PolicyDefinition, scenario: Scenario) {
    const { roomBytes, resizesReplies } = scenario;
    const fullReplyBuffer = redis70.replyBuffer.largestBytes - redis70.replyBuffer.smallestBytes;
    this.scenario = scenario;
    this.engine = new Engine(
      {
        profile: { ...redis70, replyBuffer: { ...redis70.replyBuffer, resizes: resizesReplies } },
        policy: observed(policy, this.log),
        allocator: scenario.allocator,
        maxmemoryBytes: roomBytes === null ? 0 : EMPTY_SERVER_BYTES + fullReplyBuffer + roomBytes,
        maxmemorySamples: scenario.samples,
        lfuLogFactor: 10,
        lfuDecayTime: 1,
        hz: scenario.hz,
        activeExpireEffort: 1,
        evictionTenacity: scenario.tenacity,
        baseBytes: EMPTY_SERVER_BYTES,
        serverTime: scenario.serverTime,
        seed: scenario.seed,
      },
      KEY_BYTES,
      START_MS,
      traceOf(scenario.commands),
    );
  }

  /** The reference that sees the same commands. */
  naive(policy: PolicyDefinition): NaiveServer {
    const { allocator, roomBytes } = this.scenario;
    const bytes = new NaiveBytes(
      allocator === 'jemalloc-q8' ? 8 : 16,
      roomBytes === null || !policy.needsOwnValueObjects,
    );
    return new NaiveServer(KEY_BYTES, bytes, START_MS);
  }

  play(command: Command): Step {
    const { engine, log } = this;
    engine.endEvents();
    this.nowMs += command.dtMs;
    engine.clock.row = this.row++;
    engine.wake(this.nowMs);
    const eventsBefore = log.splice(0);
    const before = this.levels();
    const refusedBefore = engine.database.counters.oomErrors;
    const answer = issue(engine, command);
    const after = this.levels();
    const wasRefused = engine.database.counters.oomErrors > refusedBefore;
    return { command, answer, wasRefused, eventsBefore, events: log.splice(0), before, after };
  }

  private levels(): Levels {
    const { account, dataBytes, database } = this.engine;
    const { main, expires } = database.keyspace;
    const replies = account.used - EMPTY_SERVER_BYTES - dataBytes;
    return { used: account.used, tables: main.bytes + expires.bytes, replies };
  }
}

const SET_MODES: Partial<Record<Command['op'], SetMode>> = {
  set: SET_ALWAYS,
  setnx: SET_IF_ABSENT,
  setxx: SET_IF_PRESENT,
  setkeep: SET_KEEPING_TTL,
};

function issue(engine: Engine, command: Command): boolean {
  const { op, key, value } = command;
  const ttlMs = command.ttlMs ?? NEVER;
  switch (op) {
    case 'get':
      return engine.get(key);
    case 'touch':
      return engine.touch(key);
    case 'setint':
      return engine.setInteger(key, value, ttlMs);
    case 'incr':
      return engine.incr(key);
    case 'del':
      return engine.del(key);
    case 'expire':
      return engine.expire(key, ttlMs);
    case 'persist':
      return engine.persist(key);
    default:
      return engine.set(key, value, ttlMs, SET_MODES[op]);
  }
}

/** The commands as a trace, for policies that know the future. */
function traceOf(commands: readonly Command[]): Trace {
  const trace = allocateTrace('scenario', commands.length, KEYS);
  trace.keyBytes.set(KEY_BYTES);
  let timeMs = 0;
  commands.forEach((command, row) => {
    timeMs += command.dtMs;
    trace.times[row] = timeMs;
    trace.ops[row] = OPERATIONS.indexOf(command.op === 'setint' ? 'set' : command.op);
    trace.keys[row] = command.key;
    trace.valueBytes[row] = Math.abs(command.value);
    trace.ttls[row] = command.ttlMs === null ? NO_TTL : encodeTtl(Math.max(0, command.ttlMs));
  });
  return trace;
}
