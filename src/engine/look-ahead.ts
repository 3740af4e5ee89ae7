import type { Keyspace } from '../keyspace/keyspace.ts';
import type { Policy } from '../policies/policy.ts';

/**
 * Reads what a batch is about to need, and does nothing with it. A replay waits for memory more than for anything else; here
 * it waits for the whole batch at once (docs/performance.md).
 */
export class LookAhead {
  /** Of no use, but that the compiler can't leave out what it is made of. */
  sum = 0;
  private readonly keyspace: Keyspace;
  private readonly policy: Policy;

  constructor(keyspace: Keyspace, policy: Policy) {
    this.keyspace = keyspace;
    this.policy = policy;
  }

  /** The records of the keys of rows that are about to be replayed. */
  requests(keys: Uint32Array, first: number, last: number): void {
    const { records, expires } = this.keyspace;
    this.sum =
      expires.size > 0 ? records.peekVolatile(keys, first, last) : records.peek(keys, first, last);
  }

  /** What writes of the keys of these rows need, and what goes for them. */
  writes(keys: Uint32Array, rows: Int32Array, count: number): void {
    const { main, expires } = this.keyspace;
    let sum = 0;
    for (let i = 0; i < count; i++) sum = (sum + main.peek(keys[rows[i]])) | 0;
    if (expires.size > 0) {
      for (let i = 0; i < count; i++) sum = (sum + expires.peek(keys[rows[i]])) | 0;
    }
    if (this.policy.peek !== undefined) sum = (sum + this.policy.peek(count)) | 0;
    this.sum = sum;
  }
}
