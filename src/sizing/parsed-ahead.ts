import type { CommandMemory } from '../engine/command-memory.ts';
import { recordBytesOf } from '../engine/record-bytes.ts';
import type { Rounder } from '../memory/size-classes.ts';
import type { ServerProfile } from '../servers/profile.ts';
import * as operations from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import * as ttl from '../trace/ttl.ts';

const { EXPIRE, SET, SETKEEP, SETNX, SETXX } = operations;
const { NO_TTL } = ttl;

/** The arguments of a trace's commands, and what those take that a server has parsed ahead of their turn: the same for servers of all sizes. */
export class ParsedAhead {
  /** Commands that are parsed at a time; 0 = each when its turn comes. */
  readonly window: number;
  private readonly trace: Trace;
  private readonly memory: CommandMemory;
  /** The most that a command's arguments come to with those of all that may be parsed with it. */
  readonly most: number;
  /** By commands that are parsed together, the bytes of their records (engine/record-bytes.ts). */
  private readonly records: Float64Array;

  constructor(
    trace: Trace,
    memory: CommandMemory,
    {
      rules,
      round,
      pipeline,
    }: { rules: ServerProfile['parseAhead']; round: Rounder; pipeline: number },
  ) {
    this.trace = trace;
    this.memory = memory;
    this.window = rules?.window ?? 0;
    this.records = new Float64Array(Math.min(this.window, pipeline) + 1);
    for (let commands = 1; commands < this.records.length; commands++) {
      // The command that runs next is not among those that wait.
      this.records[commands] = recordBytesOf(rules, commands - 1, round);
    }
    const together = Math.max(1, this.records.length - 1);
    this.most = together * mostArguments(trace, memory) + this.records[this.records.length - 1];
  }

  /** The arguments of the command of `row`. */
  of(row: number): number {
    const { ops, keys } = this.trace;
    const op = ops[row];
    if (isSet(op)) return this.ofSet(row);
    return op === EXPIRE ? this.memory.expire(keys[row]) : this.memory.get(keys[row]);
  }

  /** The arguments of the SET that stores the value of `row`. */
  ofSet(row: number): number {
    const { keys, valueBytes, ttls } = this.trace;
    return this.memory.set(keys[row], valueBytes[row], ttls[row] !== NO_TTL);
  }

  /** The bytes of so many commands' records, while those wait that were parsed together. */
  recordsOf(commands: number): number {
    return this.records[commands];
  }

  /** Bytes of the commands that wait behind that of `row`, which was parsed together with those from `first` to `end`. */
  behind(row: number, first: number, end: number): number {
    if (this.window === 0) return 0;
    let bytes = this.records[end - first];
    for (let next = row + 1; next < end; next++) bytes += this.of(next);
    return bytes;
  }
}

/** No command has more: the longest name with the longest value and a TTL. */
function mostArguments({ keyBytes, valueBytes }: Trace, memory: CommandMemory): number {
  let longest = 0;
  for (let key = 1; key < keyBytes.length; key++) {
    if (keyBytes[key] > keyBytes[longest]) longest = key;
  }
  let mostBytes = 0;
  for (let row = 0; row < valueBytes.length; row++) {
    if (valueBytes[row] > mostBytes) mostBytes = valueBytes[row];
  }
  if (keyBytes.length === 0) return 0;
  return Math.max(
    memory.set(longest, mostBytes, true),
    memory.set(longest, mostBytes, false),
    memory.expire(longest),
  );
}

export function isSet(op: number): boolean {
  return op === SET || op === SETNX || op === SETXX || op === SETKEEP;
}
