/** 0.8438 as `84.38 %`. */
export function percent(ratio: number, decimals = 2): string {
  return `${(ratio * 100).toFixed(decimals)} %`;
}

/** A difference of ratios in points: `+1.18 points`. */
export function points(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference * 100).toFixed(2)} points`;
}

/** `19,598`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1 request`, `2,000 requests`. */
export function counted(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}
