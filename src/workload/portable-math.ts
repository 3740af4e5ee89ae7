/**
 * Logarithm, exponential, power and sine from additions, multiplications and divisions alone. IEEE 754 fixes the
 * result of those to the last bit, while `Math.log`, `Math.exp`, `Math.pow` and `Math.sin` may differ in the last bit
 * between engines and processors: with these, a seed gives the same trace everywhere. Relative error below 1e-15
 * (of `power`: times |exponent · ln base|).
 */

const LOG2_E = 1.4426950408889634;
// ln 2 in two parts, the first with 21 trailing zero bits, so that its product with an exponent is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
// The first word of √½ as a double.
const SQRT_HALF_HIGH = 0x3fe6_a09e;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
// Where the sign and exponent are: in the second word of a double on little-endian machines.
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * 2 · atanh(s) by its Taylor series, |s| ≤ 0.1716 = (√2 − 1) / (√2 + 1). Odd and even terms are summed apart, which lets
 * the processor do both at once.
 */
function twiceAtanh(s: number): number {
  const z = s * s;
  const w = z * z;
  const even = 1 + w * (1 / 5 + w * (1 / 9 + w * (1 / 13 + w * (1 / 17 + w * (1 / 21)))));
  const odd = 1 / 3 + w * (1 / 7 + w * (1 / 11 + w * (1 / 15 + w * (1 / 19))));
  return 2 * s * (even + z * odd);
}

/** (e^r − 1) / r by its Taylor series, |r| ≤ 0.35; odd and even terms apart as above. */
function expMinusOneOver(r: number): number {
  const z = r * r;
  const even =
    1 +
    z *
      (1 / 6 +
        z *
          (1 / 120 +
            z * (1 / 5040 + z * (1 / 362880 + z * (1 / 39916800 + z * (1 / 6227020800))))));
  const odd =
    1 / 2 +
    z * (1 / 24 + z * (1 / 720 + z * (1 / 40320 + z * (1 / 3628800 + z * (1 / 479001600)))));
  return even + r * odd;
}

/** The natural logarithm of x, for normal positive numbers (x ≥ 2.3e-308). */
export function ln(x: number): number {
  float[0] = x;
  // Adding the distance from √½ to 1 carries into the exponent where the mantissa is above √2: no branch to mispredict.
  const high = words[HIGH] + (0x3ff0_0000 - SQRT_HALF_HIGH);
  words[HIGH] = (high & 0x000f_ffff) + SQRT_HALF_HIGH;
  const exponent = (high >>> 20) - 1023;
  const mantissa = float[0];
  const logMantissa = twiceAtanh((mantissa - 1) / (mantissa + 1));
  return exponent * LN2_HIGH + (exponent * LN2_LOW + logMantissa);
}

/** ln(1 + x), without loss for small x; x > −1. */
export function lnOnePlus(x: number): number {
  return x > -0.29 && x < 0.41 ? twiceAtanh(x / (2 + x)) : ln(1 + x);
}

/** e^x; 0 below −708 and Infinity above 709. */
export function exp(x: number): number {
  if (x < -708) return 0;
  if (x > 709) return Infinity;
  const twos = Math.floor(x * LOG2_E + 0.5);
  const r = x - twos * LN2_HIGH - twos * LN2_LOW;
  words[1 - HIGH] = 0;
  words[HIGH] = (twos + 1023) << 20;
  return float[0] * (1 + r * expMinusOneOver(r));
}

/** e^x − 1, without loss for small x. */
export function expMinusOne(x: number): number {
  return x > -0.35 && x < 0.35 ? x * expMinusOneOver(x) : exp(x) - 1;
}

/** base^exponent, for normal positive bases. */
export function power(base: number, exponent: number): number {
  return exp(exponent * ln(base));
}

/** sin(2π · turns), turns in [0, 1). */
export function sineOfTurn(turns: number): number {
  if (turns >= 0.5) return -sineOfTurn(turns - 0.5);
  const x = 2 * Math.PI * (turns > 0.25 ? 0.5 - turns : turns);
  const z = x * x;
  let term = x;
  let sum = x;
  for (let n = 3; n <= 23; n += 2) {
    term *= -z / (n * (n - 1));
    sum += term;
  }
  return sum;
}
