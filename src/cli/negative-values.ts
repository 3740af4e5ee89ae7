/**
 * Joins `--maxmemory -5mb` to `--maxmemory=-5mb`: yargs would read -5mb as three switches and complain about a missing
 * value, where the user should hear what is wrong with this one.
 */
export function withJoinedNegatives(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of argv) {
    const last = joined.at(-1);
    if (/^-[\d.]/.test(arg) && last !== undefined && /^--[a-z-]+$/.test(last)) {
      joined[joined.length - 1] = `${last}=${arg}`;
    } else joined.push(arg);
  }
  return joined;
}
