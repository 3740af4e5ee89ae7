import { derive } from '../trace/derive.ts';
import { EXPIRE, GET, PERSIST, SET, SETNX, SETXX } from '../trace/operations.ts';
import { keyName, type Trace } from '../trace/trace.ts';
import { decodeTtl, encodeTtl, MAX_TTL_SECONDS, NO_TTL } from '../trace/ttl.ts';

/** A TTL for all keys whose names a pattern fits. */
export interface TtlRule {
  /** `*` stands for anything. */
  readonly pattern: string;
  /** undefined = no TTL. */
  readonly ttlMs: number | undefined;
}

/** A trace whose TTLs are `factor` times as long, at least a millisecond; its name says so. */
export function withTtlScale(trace: Trace, factor: number): Trace {
  const ttls = new Uint32Array(new SharedArrayBuffer(trace.rows * 4));
  for (let row = 0; row < trace.rows; row++) {
    const code = trace.ttls[row];
    const most = MAX_TTL_SECONDS * 1000;
    ttls[row] =
      code === NO_TTL ? code : encodeTtl(Math.min(most, Math.max(1, decodeTtl(code) * factor)));
  }
  return derive(trace, { ttls, name: `${trace.name} ttl x${factor}` });
}

/**
 * A trace in which keys are written with the TTL of the first rule that fits their name, those that none fits as before.
 * An EXPIRE gives that TTL too; where a rule says none it becomes a PERSIST. What keeps a TTL (INCR, SET KEEPTTL) does.
 * `idleRules` are those that decide for no key.
 */
export function withTtls(
  trace: Trace,
  rules: readonly TtlRule[],
): { readonly trace: Trace; readonly idleRules: readonly TtlRule[] } {
  const fits = rules.map(({ pattern }) => matcher(pattern));
  const codes = rules.map(({ ttlMs }) => (ttlMs === undefined ? NO_TTL : encodeTtl(ttlMs)));
  const ruleOf = new Int32Array(trace.keyCount);
  for (let key = 0; key < trace.keyCount; key++) {
    ruleOf[key] = fits.findIndex((fit) => fit(() => keyName(trace, key)));
  }
  const ttls = new Uint32Array(new SharedArrayBuffer(trace.rows * 4));
  const ops = new Uint8Array(new SharedArrayBuffer(trace.rows));
  for (let row = 0; row < trace.rows; row++) {
    const rule = ruleOf[trace.keys[row]];
    const op = trace.ops[row];
    const writes = op === GET || op === SET || op === SETNX || op === SETXX || op === EXPIRE;
    ttls[row] = rule >= 0 && writes ? codes[rule] : trace.ttls[row];
    ops[row] = op === EXPIRE && ttls[row] === NO_TTL ? PERSIST : op;
  }
  const used = new Set(ruleOf);
  return {
    trace: derive(trace, { ttls, ops }),
    idleRules: rules.filter((_, rule) => !used.has(rule)),
  };
}

function matcher(pattern: string): (name: () => string) => boolean {
  if (pattern === '*') return () => true;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('[^]*')}$`);
  return (name) => expression.test(name());
}
