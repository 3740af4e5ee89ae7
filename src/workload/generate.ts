import { UsageError } from '../errors.ts';
import { Random } from '../random.ts';
import { DEL, EXPIRE, GET, PERSIST, SET, SETKEEP, TOUCH, INCR } from '../trace/operations.ts';
import { allocateTrace, type Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import { createAmount } from './amounts/registry.ts';
import { fillTimes, tickFor } from './arrival.ts';
import { Categorical } from './categorical.ts';
import { ANY_OPERATION } from './detours.ts';
import { KeyStream } from './key-stream.ts';
import { KeySizes, KeyTtls } from './key-values.ts';
import { OperationSource, READ_MODIFY_WRITE, SCAN } from './operation-mix.ts';
import type { GroupSpec, WorkloadSpec } from './spec.ts';

/** One group at work; each part has its own stream of randomness, so that changing one leaves the others as they were. */
interface Member {
  readonly keys: KeyStream;
  readonly operations: OperationSource;
  readonly sizes: KeySizes;
  readonly ttls: KeyTtls;
  readonly scanRandom: Random;
  readonly scanKeys: number;
}

/**
 * The trace of a workload: `spec.requests` rows over the dense key ids 0 … keyCount − 1, group after group (ids of keys that
 * happen not to be asked for included). A pure function of `spec`: integer randomness and portable arithmetic give the
 * same bytes on every platform. A `get` row carries the value size and TTL of the SET that fills its miss. Costs about 17
 * bytes a request and up to 12 a key. Throws UsageError when that is more than there is.
 */
export function generate(spec: WorkloadSpec): Trace {
  const { name, seed, requests, arrival, groups } = spec;
  const weightSum = groups.reduce((sum, group) => sum + group.weight, 0);
  let keyCount = 0;
  const streams = groups.map((group) => {
    const stream = new KeyStream(group, group.weight / weightSum, requests, seed, keyCount);
    keyCount += stream.idCount;
    return stream;
  });
  if (keyCount > 2 ** 32) {
    throw new UsageError(`${name}: ${keyCount} keys are more than a trace can number (2^32).`);
  }

  const trace = allocateTrace(name, requests, keyCount, tickFor(arrival, requests));
  fillTimes(trace, arrival, new Random(seed, 'arrival'));
  const members = groups.map((group, i) => {
    fillKeyBytes(trace, group, streams[i], seed);
    return createMember(group, streams[i], seed);
  });
  fillRows(
    trace,
    members,
    new Categorical(groups.map((group) => group.weight)),
    new Random(seed, 'groups'),
  );
  return trace;
}

function createMember(group: GroupSpec, keys: KeyStream, seed: number): Member {
  const random = (use: string): Random => new Random(seed, `${group.name}/${use}`);
  return {
    keys,
    operations: new OperationSource(group.operations, random('operations')),
    sizes: new KeySizes(group.values, keys.idCount, random('values')),
    ttls: new KeyTtls(group.ttl, keys.idCount, random('ttl')),
    scanRandom: random('scans'),
    scanKeys: group.scan_keys,
  };
}

/** Name lengths of a group's keys; a name is never shorter than `k` and the number of the key. */
function fillKeyBytes(trace: Trace, group: GroupSpec, keys: KeyStream, seed: number): void {
  const amount = createAmount(group.keys.bytes);
  const random = new Random(seed, `${group.name}/key names`);
  let digits = 1;
  let nextPower = 10;
  for (let id = 0; id < keys.firstId + keys.idCount; id++) {
    if (id === nextPower) {
      digits++;
      nextPower *= 10;
    }
    if (id < keys.firstId) continue;
    trace.keyBytes[id] = Math.max(1 + digits, Math.round(amount.next(random)));
  }
}

function fillRows(
  trace: Trace,
  members: readonly Member[],
  weights: Categorical,
  random: Random,
): void {
  const { rows } = trace;
  const only = members.length === 1 ? members[0] : undefined;
  let row = 0;
  while (row < rows) {
    const member = only ?? members[weights.next(random)];
    const key = member.keys.next(row);
    const forced = member.keys.operation;
    const operation = forced === ANY_OPERATION ? member.operations.next() : forced;
    if (operation === READ_MODIFY_WRITE) {
      writeRow(trace, row++, GET, key, member);
      if (row < rows) writeRow(trace, row++, SET, key, member);
    } else if (operation === SCAN) {
      const end = Math.min(rows, row + 1 + member.scanRandom.below(member.scanKeys));
      writeRow(trace, row++, GET, key, member);
      while (row < end) {
        const following = member.keys.following(row);
        writeRow(trace, row++, GET, following, member);
      }
    } else {
      writeRow(trace, row++, operation, key, member);
    }
  }
}

function writeRow(trace: Trace, row: number, operation: number, key: number, member: Member): void {
  const ownKey = key - member.keys.firstId;
  trace.ops[row] = operation;
  trace.keys[row] = key;
  switch (operation) {
    case DEL:
    case TOUCH:
    case PERSIST:
      trace.ttls[row] = NO_TTL;
      break;
    case EXPIRE:
      trace.ttls[row] = member.ttls.given(ownKey);
      break;
    case INCR:
    case SETKEEP:
      trace.valueBytes[row] = member.sizes.of(ownKey);
      trace.ttls[row] = NO_TTL;
      break;
    default:
      trace.valueBytes[row] = member.sizes.of(ownKey);
      trace.ttls[row] = member.ttls.of(ownKey);
  }
}
