import type { RemovalReason } from '../../src/policies/policy.ts';

/** A policy as slow and as plain as can be, to hold the fast one to. It is told the same things in the same order. */
export interface NaivePolicy {
  onHit(id: number): void;
  onInsert(id: number): void;
  onRemove(id: number, reason: RemovalReason): void;
  /** undefined: nothing is resident. */
  chooseVictim(): number | undefined;
}

/** What a naive policy may ask about the server: what a key weighs now, and how many are resident. */
export interface NaiveServer {
  bytesOf(id: number): number;
  residents(): number;
}

/** Removes a value from an array; it must be there. */
export function take(list: number[], id: number): void {
  const at = list.indexOf(id);
  if (at < 0) throw new Error(`${id} is not in [${list.join(', ')}]`);
  list.splice(at, 1);
}
