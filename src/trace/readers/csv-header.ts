import { UsageError } from '../../errors.ts';
import { nearestName } from '../../nearest.ts';

/** Where each column of a generic CSV trace is; -1 for an optional one that isn't there. */
export interface CsvColumns {
  readonly count: number;
  readonly time: number;
  readonly op: number;
  readonly key: number;
  readonly value: number;
  readonly ttl: number;
}

const REQUIRED = ['time_ms', 'op', 'key', 'value_bytes'] as const;
const KNOWN: readonly string[] = [...REQUIRED, 'ttl_s'];

/** Finds the columns by the names of the header line. Throws UsageError for missing and repeated ones. */
export function findColumns(
  names: readonly string[],
  where: string,
  warn: (message: string) => void,
): CsvColumns {
  const others = names.filter((name) => !KNOWN.includes(name));
  for (const name of REQUIRED) {
    if (names.includes(name)) continue;
    const near = nearestName(name, others);
    throw new UsageError(
      `${where}: the header has no column "${name}"${near === undefined ? '' : ` (is "${near}" meant?)`}. ` +
        `A trace starts with the line ${KNOWN.join(',')}.`,
    );
  }
  const repeated = KNOWN.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated !== undefined) {
    throw new UsageError(`${where}: the header has the column "${repeated}" twice.`);
  }
  if (others.length > 0) warn(`${where}: columns left out: ${others.join(', ')}.`);
  return {
    count: names.length,
    time: names.indexOf('time_ms'),
    op: names.indexOf('op'),
    key: names.indexOf('key'),
    value: names.indexOf('value_bytes'),
    ttl: names.indexOf('ttl_s'),
  };
}
