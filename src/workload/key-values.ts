import type { Random } from '../random.ts';
import { decodeTtl, encodeTtl, MAX_TTL_SECONDS, NO_TTL } from '../trace/ttl.ts';
import type { Amount } from './amounts/amount.ts';
import { createAmount } from './amounts/registry.ts';
import { MAX_VALUE_BYTES } from './fields.ts';
import type { SizeSpec, TtlSpec } from './spec.ts';

const MAX_TTL_MS = MAX_TTL_SECONDS * 1000;

/** Value sizes in bytes: each key has its own, drawn when it is new, unless every request draws. */
export class KeySizes {
  private readonly amount: Amount;
  private readonly random: Random;
  private readonly redraws: boolean;
  /** The size of all keys, or −1: saves looking it up, which costs more than drawing. */
  private readonly constant: number;

  constructor(spec: SizeSpec, random: Random) {
    this.amount = createAmount(spec);
    this.constant = this.amount.constant ?? -1;
    this.random = random;
    this.redraws = spec.redraw;
  }

  /** The size of a new key. */
  draw(): number {
    const bytes = Math.round(this.amount.next(this.random));
    return bytes < 0 ? 0 : Math.min(bytes, MAX_VALUE_BYTES);
  }

  /** The size a request writes to `key`, when `own` has the keys' own. */
  written(own: Uint32Array, key: number): number {
    if (this.constant >= 0) return this.constant;
    return this.redraws ? this.draw() : own[key];
  }
}

/**
 * TTLs, packed as in ttl.ts: whether a key has one, and which, is its own, drawn when it is new, unless every request
 * draws; jitter is drawn at each request.
 */
export class KeyTtls {
  private readonly amount: Amount | undefined;
  private readonly random: Random;
  private readonly fraction: number;
  private readonly jitter: number;
  private readonly redraws: boolean;
  /** The TTL of all keys, or −1. */
  private readonly constant: number;

  constructor(spec: TtlSpec | undefined, random: Random) {
    this.amount = spec && createAmount(spec);
    this.random = random;
    this.fraction = spec?.fraction ?? 0;
    this.jitter = spec?.jitter ?? 0;
    this.redraws = spec?.redraw ?? false;
    const isSame = this.amount?.constant !== undefined && this.fraction === 1;
    if (this.fraction === 0) this.constant = NO_TTL;
    else this.constant = isSame && this.jitter === 0 ? this.drawSome() : -1;
  }

  /** The TTL of a new key, or NO_TTL. */
  draw(): number {
    if (this.fraction === 0) return NO_TTL;
    if (this.fraction < 1 && this.random.float() >= this.fraction) return NO_TTL;
    return this.drawSome();
  }

  /** The TTL a request writes to `key`, when `own` has the keys' own; or NO_TTL. */
  written(own: Uint32Array, key: number): number {
    if (this.constant >= 0) return this.constant;
    const code = this.redraws ? this.draw() : own[key];
    return this.jitter === 0 || code === NO_TTL ? code : this.jittered(code);
  }

  /** The TTL an EXPIRE of `key` gives: as if written, or like the others' if it has none of its own. */
  given(own: Uint32Array, key: number): number {
    const code = this.written(own, key);
    return code === NO_TTL && this.amount !== undefined ? this.drawSome() : code;
  }

  private drawSome(): number {
    const ms = Math.round(this.amount!.next(this.random));
    return encodeTtl(ms < 1 ? 1 : Math.min(ms, MAX_TTL_MS));
  }

  private jittered(code: number): number {
    const ms = Math.round(decodeTtl(code) * (1 + this.jitter * (2 * this.random.float() - 1)));
    return encodeTtl(ms < 1 ? 1 : Math.min(ms, MAX_TTL_MS));
  }
}
