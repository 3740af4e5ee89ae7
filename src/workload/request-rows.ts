import { UsageError } from '../errors.ts';
import { Random } from '../random.ts';
import { GET, SET } from '../trace/operations.ts';
import type { TraceRows } from '../trace/trace.ts';
import { ArrivalTimes, tickFor } from './arrival.ts';
import { Categorical } from './categorical.ts';
import { ANY_OPERATION } from './detours.ts';
import { KeyStream } from './key-stream.ts';
import { OperationSource, READ_MODIFY_WRITE, SCAN } from './operation-mix.ts';
import { RowFinisher, RowValues } from './finish-rows.ts';
import type { GroupSpec, WorkloadSpec } from './spec.ts';

const MAX_IDS = 2 ** 32;
const NONE = -1;

/** One group at work; each part has its own stream of randomness, so that changing one leaves the others as they were. */
interface Member {
  readonly keys: KeyStream;
  readonly operations: OperationSource;
  readonly values: RowValues;
  readonly scanRandom: Random;
  readonly scanKeys: number;
}

/**
 * The rows of a workload, as many at a time as one likes: first {@link draw} for all rows in order, then
 * {@link RowFinisher.fillValues} of `finisher` for all of them. How they are cut into pieces changes nothing.
 */
export class RequestRows {
  readonly tickMs: number;
  readonly finisher: RowFinisher;
  private readonly arrival: ArrivalTimes;
  private readonly members: readonly Member[];
  private readonly weights: Categorical;
  private readonly random: Random;
  /** Rows drawn so far. */
  private row = 0;
  /** The key of a read-modify-write whose SET is the next row, or NONE. */
  private modified = NONE;
  /** The scan under way, and how many of its rows are to come. */
  private scanned: KeyStream | undefined;
  private scanRows = 0;

  /** Throws UsageError when the groups have more than 2^32 keys. */
  constructor({ name, seed, requests, arrival, groups }: WorkloadSpec) {
    const weights = groups.map((group) => group.weight);
    const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
    let idCount = 0;
    this.members = groups.map((group) => {
      const keys = new KeyStream(group, group.weight / weightSum, requests, seed, idCount);
      idCount += keys.idCount;
      return createMember(group, keys, seed);
    });
    if (idCount > MAX_IDS) {
      throw new UsageError(
        `${name}: ${idCount} keys, with those that churn, growth and scans bring, are more than the 2^32 allowed.`,
      );
    }
    this.tickMs = tickFor(arrival, requests);
    this.arrival = new ArrivalTimes(arrival, new Random(seed, 'arrival'));
    this.weights = new Categorical(weights);
    this.random = new Random(seed, 'groups');
    const values = this.members.map((member) => member.values);
    this.finisher = new RowFinisher(values, idCount, requests);
  }

  /** Times, operations and keys of the next `count` rows. */
  draw(rows: TraceRows, count: number): void {
    this.arrival.fill(rows, count);
    this.drawRequests(rows, count);
    this.finisher.numberKeys(rows, count);
  }

  /** Fills `ops`, and `keys` with the generator's ids. */
  private drawRequests(rows: TraceRows, count: number): void {
    const { members, weights, random, row: first } = this;
    const { ops, keys: ids } = rows;
    const only = members.length === 1 ? members[0] : undefined;
    let i = this.goOn(rows, 0, count);
    while (i < count) {
      const { keys, operations, scanRandom, scanKeys } = only ?? members[weights.next(random)];
      const id = keys.next(first + i);
      const operation = keys.operation === ANY_OPERATION ? operations.next() : keys.operation;
      ids[i] = id;
      if (operation === READ_MODIFY_WRITE) {
        ops[i] = GET;
        this.modified = id;
        i = this.goOn(rows, i + 1, count);
      } else if (operation === SCAN) {
        ops[i] = GET;
        this.scanned = keys;
        this.scanRows = scanRandom.below(scanKeys);
        i = this.goOn(rows, i + 1, count);
      } else {
        ops[i++] = operation;
      }
    }
    this.row += count;
  }

  /** The rest of an operation of several rows, from row `i` on, as far as there is room; answers with the row behind it. */
  private goOn({ ops, keys: ids }: TraceRows, i: number, count: number): number {
    if (this.modified !== NONE && i < count) {
      ops[i] = SET;
      ids[i++] = this.modified;
      this.modified = NONE;
    }
    for (; this.scanRows > 0 && i < count; i++, this.scanRows--) {
      ops[i] = GET;
      ids[i] = this.scanned!.following(this.row + i);
    }
    return i;
  }
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
