import { InvariantError } from '../errors.ts';
import {
  DEL,
  EXPIRE,
  GET,
  INCR,
  PERSIST,
  SET,
  SETKEEP,
  SETNX,
  SETXX,
  TOUCH,
} from '../trace/operations.ts';
import { keyName, type Trace } from '../trace/trace.ts';
import { decodeTtl, NO_TTL } from '../trace/ttl.ts';

/** The rows of a trace as commands of a real server. */
export class Commands {
  private readonly trace: Trace;
  private readonly keyPrefix: string;
  private filler = 'x'.repeat(1024);

  constructor(trace: Trace, keyPrefix: string) {
    this.trace = trace;
    this.keyPrefix = keyPrefix;
  }

  key(id: number): string {
    return this.keyPrefix + keyName(this.trace, id);
  }

  of(row: number): string[] {
    const { ops, keys } = this.trace;
    const op = ops[row];
    const key = this.key(keys[row]);
    if (op === GET) return ['GET', key];
    if (op === SET) return this.set(row);
    if (op === DEL) return ['DEL', key];
    if (op === INCR) return ['INCR', key];
    if (op === EXPIRE) return this.expire(key, decodeTtl(this.trace.ttls[row]));
    if (op === TOUCH) return ['TOUCH', key];
    if (op === PERSIST) return ['PERSIST', key];
    if (op === SETNX) return [...this.set(row), 'NX'];
    if (op === SETXX) return [...this.set(row), 'XX'];
    if (op === SETKEEP) return [...this.set(row), 'KEEPTTL'];
    throw new InvariantError(`row ${row} has operation ${op}, which nobody sends`);
  }

  /** The SET of a row: its own, or the one that fills its miss. */
  set(row: number): string[] {
    const { keys, valueBytes, ttls } = this.trace;
    const command = ['SET', this.key(keys[row]), this.value(valueBytes[row])];
    if (ttls[row] === NO_TTL) return command;
    const ttlMs = decodeTtl(ttls[row]);
    if (ttlMs % 1000 === 0) command.push('EX', String(ttlMs / 1000));
    else command.push('PX', String(ttlMs));
    return command;
  }

  private expire(key: string, ttlMs: number): string[] {
    return ttlMs % 1000 === 0
      ? ['EXPIRE', key, String(ttlMs / 1000)]
      : ['PEXPIRE', key, String(ttlMs)];
  }

  /** A slice of one long string costs nothing, whatever the sizes. */
  private value(bytes: number): string {
    while (this.filler.length < bytes) this.filler += this.filler;
    return this.filler.slice(0, bytes);
  }
}
