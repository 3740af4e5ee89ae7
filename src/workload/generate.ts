import { UsageError } from '../errors.ts';
import { Random } from '../random.ts';
import { GET, SET } from '../trace/operations.ts';
import { allocateTrace, type Trace } from '../trace/trace.ts';
import { fillTimes, tickFor } from './arrival.ts';
import { Categorical } from './categorical.ts';
import { ANY_OPERATION } from './detours.ts';
import { KeyStream } from './key-stream.ts';
import { OperationSource, READ_MODIFY_WRITE, SCAN } from './operation-mix.ts';
import { RowValues, finishTrace } from './finish-trace.ts';
import type { GroupSpec, WorkloadSpec } from './spec.ts';

const MAX_IDS = 2 ** 32;

/** One group at work; each part has its own stream of randomness, so that changing one leaves the others as they were. */
interface Member {
  readonly keys: KeyStream;
  readonly operations: OperationSource;
  readonly values: RowValues;
  readonly scanRandom: Random;
  readonly scanKeys: number;
}

/**
 * The trace of a workload: `spec.requests` rows over dense key ids, numbered in order of first appearance. A pure function of
 * `spec`: integer randomness and portable arithmetic give the same bytes on every platform. A `get` row carries the value
 * size and TTL of the SET that fills its miss. Takes 17 bytes a request, and while it runs up to 16 a key. Throws UsageError
 * when that is more than there is, or when the groups have more than 2^32 keys.
 */
export function generate(spec: WorkloadSpec): Trace {
  const { name, seed, requests, arrival, groups } = spec;
  const weights = groups.map((group) => group.weight);
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  let idCount = 0;
  const members = groups.map((group) => {
    const keys = new KeyStream(group, group.weight / weightSum, requests, seed, idCount);
    idCount += keys.idCount;
    return createMember(group, keys, seed);
  });
  if (idCount > MAX_IDS) {
    throw new UsageError(
      `${name}: ${idCount} keys, with those that churn, growth and scans bring, are more than the 2^32 allowed.`,
    );
  }
  const trace = allocateTrace(
    name,
    requests,
    Math.min(idCount, requests),
    tickFor(arrival, requests),
  );
  fillTimes(trace, arrival, new Random(seed, 'arrival'));
  drawRequests(trace, members, new Categorical(weights), new Random(seed, 'groups'));
  return finishTrace(
    trace,
    members.map(({ values }) => values),
    idCount,
  );
}

function createMember(group: GroupSpec, keys: KeyStream, seed: number): Member {
  const random = (use: string): Random => new Random(seed, `${group.name}/${use}`);
  return {
    keys,
    operations: new OperationSource(group.operations, random('operations')),
    values: new RowValues(group, keys.firstId, random),
    scanRandom: random('scans'),
    scanKeys: group.scan_keys,
  };
}

/** Fills `ops`, and `keys` with the generator's ids. */
function drawRequests(
  { rows, ops, keys: ids }: Trace,
  members: readonly Member[],
  weights: Categorical,
  random: Random,
): void {
  const only = members.length === 1 ? members[0] : undefined;
  let row = 0;
  while (row < rows) {
    const { keys, operations, scanRandom, scanKeys } = only ?? members[weights.next(random)];
    const id = keys.next(row);
    const operation = keys.operation === ANY_OPERATION ? operations.next() : keys.operation;
    ids[row] = id;
    if (operation === READ_MODIFY_WRITE) {
      ops[row++] = GET;
      if (row === rows) return;
      ops[row] = SET;
      ids[row++] = id;
    } else if (operation === SCAN) {
      const end = Math.min(rows, row + 1 + scanRandom.below(scanKeys));
      ops[row++] = GET;
      for (; row < end; row++) {
        ops[row] = GET;
        ids[row] = keys.following(row);
      }
    } else {
      ops[row++] = operation;
    }
  }
}
