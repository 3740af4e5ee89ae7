import type { Random } from '../random.ts';
import { encodeTtl, decodeTtl, MAX_TTL_SECONDS, NO_TTL } from '../trace/ttl.ts';
import type { Amount } from './amounts/amount.ts';
import { createAmount } from './amounts/registry.ts';
import { MAX_VALUE_BYTES } from './fields.ts';
import type { SizeSpec, TtlSpec } from './spec.ts';

const MAX_TTL_MS = MAX_TTL_SECONDS * 1000;

function drawSize(amount: Amount, random: Random): number {
  const bytes = Math.round(amount.next(random));
  return bytes < 0 ? 0 : Math.min(bytes, MAX_VALUE_BYTES);
}

/** Value sizes in bytes by key: a key's own, or redrawn at each request. Keys are numbered from 0 within their group. */
export class KeySizes {
  private readonly amount: Amount;
  private readonly random: Random;
  private readonly constant: number;
  private readonly own: Uint32Array | undefined;

  constructor(spec: SizeSpec, keyCount: number, random: Random) {
    this.amount = createAmount(spec);
    this.random = random;
    this.constant = this.amount.constant ?? -1;
    if (this.constant < 0 && !spec.redraw) {
      this.own = new Uint32Array(keyCount);
      for (let key = 0; key < keyCount; key++) this.own[key] = drawSize(this.amount, random);
    }
  }

  of(key: number): number {
    if (this.constant >= 0) return this.constant;
    return this.own === undefined ? drawSize(this.amount, this.random) : this.own[key];
  }
}

/**
 * TTLs by key, packed as in ttl.ts: whether a key has one, and which, is its own (unless `redraw`); jitter is drawn at each
 * request. Keys are numbered from 0 within their group.
 */
export class KeyTtls {
  private readonly amount: Amount | undefined;
  private readonly random: Random;
  private readonly fraction: number;
  private readonly jitter: number;
  private readonly constant: number | undefined;
  private readonly own: Uint32Array | undefined;

  constructor(spec: TtlSpec | undefined, keyCount: number, random: Random) {
    this.random = random;
    this.fraction = spec?.fraction ?? 0;
    this.jitter = spec?.jitter ?? 0;
    this.amount = spec && createAmount(spec);
    const isSame = this.amount?.constant !== undefined && this.fraction === 1 && this.jitter === 0;
    if (this.amount === undefined) this.constant = NO_TTL;
    else if (isSame) this.constant = encodeTtl(this.amount.constant);
    else if (!spec!.redraw) {
      this.own = new Uint32Array(keyCount);
      for (let key = 0; key < keyCount; key++) this.own[key] = this.draw();
    }
  }

  /** The TTL of a write of `key`, or NO_TTL. */
  of(key: number): number {
    if (this.constant !== undefined) return this.constant;
    const code = this.own === undefined ? this.draw() : this.own[key];
    return this.jitter === 0 || code === NO_TTL ? code : this.jittered(code);
  }

  /** The TTL an EXPIRE of `key` gives: its own, or one like the others' if it has none of its own. */
  given(key: number): number {
    const code = this.of(key);
    return code === NO_TTL && this.amount !== undefined ? this.drawSome() : code;
  }

  private draw(): number {
    const has = this.fraction === 1 || this.random.float() < this.fraction;
    return has ? this.drawSome() : NO_TTL;
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
