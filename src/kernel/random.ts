/** The dice of the server, as src/random.ts throws them: sfc32, four words of state that the host sets. */
export const randomState = memory.data(16);

// What division by these powers of two gives, to the last bit, and sooner.
const TWO_POW_MINUS_53: f64 = 1 / 9_007_199_254_740_992.0;
const TWO_POW_MINUS_32: f64 = 1 / 4_294_967_296.0;

export function int32(): i32 {
  const a = load<i32>(randomState);
  const b = load<i32>(randomState, 4);
  const c = load<i32>(randomState, 8);
  const counter = load<i32>(randomState, 12);
  const sum = a + b + counter;
  store<i32>(randomState, b ^ (b >>> 9));
  store<i32>(randomState, c + (c << 3), 4);
  store<i32>(randomState, rotl<i32>(c, 21) + sum, 8);
  store<i32>(randomState, counter + 1, 12);
  return sum;
}

/** A uniform number in [0, 1) with 53 random bits. */
export function float(): f64 {
  const high = (<u32>int32()) >>> 5;
  const low = (<u32>int32()) >>> 6;
  return (<f64>high * 67_108_864.0 + <f64>low) * TWO_POW_MINUS_53;
}

/** A uniform integer in [0, bound). */
export function below(bound: i32): i32 {
  return <i32>(<f64>(<u32>int32()) * TWO_POW_MINUS_32 * <f64>bound);
}

/** Mixes 32 bits so that close inputs give unrelated outputs (the 32-bit finaliser of MurmurHash3). */
@inline
export function mix32(value: i32): i32 {
  let h = value;
  h = (h ^ (h >>> 16)) * 0x85eb_ca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2_ae35;
  return h ^ (h >>> 16);
}
