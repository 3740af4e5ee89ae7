/** Whether a version such as `7.0.15` is `least` (`7.0`) or newer. */
export function atLeast(version: string, least: string): boolean {
  const have = versionNumbers(version);
  for (const [i, want] of versionNumbers(least).entries()) {
    const number = i < have.length ? have[i] : 0;
    if (number !== want) return number > want;
  }
  return true;
}

/** `7.0.15` as numbers. */
export function versionNumbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
