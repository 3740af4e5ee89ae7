import { UsageError } from '../errors.ts';
import { parseSize } from '../units.ts';

/** A `--maxmemory` as the user gave it: bytes, or a share of what the workload needs. */
export type Maxmemory =
  | { readonly kind: 'bytes'; readonly bytes: number; readonly text: string }
  | { readonly kind: 'share'; readonly share: number; readonly text: string };

/** Reads `100mb` and `10%`. Throws UsageError naming `what`. */
export function parseMaxmemory(text: string, what: string): Maxmemory {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent === null) {
    if (text.includes('%')) {
      throw new UsageError(
        `${what}: "${text}" is not a percentage. Write for example 10% or 2.5%.`,
      );
    }
    return { kind: 'bytes', bytes: parseSize(text, what), text };
  }
  const share = Number(percent[1]) / 100;
  if (share === 0) {
    throw new UsageError(`${what}: 0% of the footprint leaves no room. For no limit, write 0.`);
  }
  return { kind: 'share', share, text };
}

/**
 * Bytes of a limit. A share is one of the footprint (all keys of the workload at once, tables included), on top of
 * what the empty server uses. Throws UsageError when the limit is below the empty server.
 */
export function maxmemoryBytes(
  limit: Maxmemory,
  emptyBytes: number,
  footprintBytes: () => number,
  serverName: string,
): number {
  if (limit.kind === 'share') return emptyBytes + Math.round(limit.share * footprintBytes());
  if (limit.bytes !== 0 && limit.bytes <= emptyBytes) {
    throw new UsageError(
      `--maxmemory ${limit.text}: ${limit.bytes} bytes; an empty ${serverName} with one client uses ${emptyBytes} ` +
        `already. Give more, 0 for no limit, or a share of the workload's footprint such as 10%.`,
    );
  }
  return limit.bytes;
}
