import { distance } from 'fastest-levenshtein';

/** The name of `names` that the user most likely meant, if any is close enough to be worth saying. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(wanted.length / 3)) + 1;
  for (const name of names) {
    const d = distance(wanted, name.toLowerCase());
    // Of two that are as near, the one whose end is missing: zipf-0.9 is a short zipf-0.99.
    const isShort =
      d === bestDistance && name.startsWith(given) && best?.startsWith(given) === false;
    if (d < bestDistance || isShort) {
      best = name;
      bestDistance = d;
    }
  }
  return best ?? names.find((name) => name.startsWith(wanted) || wanted.startsWith(name));
}

/**
 * `Unknown policy "lur". Did you mean "lru"? Known: …` — the message of every unknown-name error. `listed` are the names
 * it shows, where all would be too many.
 */
export function unknownName(
  kind: string,
  given: string,
  names: readonly string[],
  listed: readonly string[] = names,
): string {
  const near = nearestName(given, names);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `Unknown ${kind} "${given}".${hint} Known: ${listed.join(', ')}.`;
}
