import { footprintBytes } from '../engine/footprint.ts';
import { rounderOf } from '../memory/size-classes.ts';
import { baseBytesOf } from '../replay/base-bytes.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';

/** The memory of a workload on one server, in the two parts that scale differently. */
export interface Scale {
  /** Bytes there are whatever the number of keys: empty server, client, and what the first key makes a table allocate. */
  readonly fixedBytes: number;
  /** Bytes of all keys at once, tables included: they scale with the keys. */
  readonly dataBytes: number;
}

export function scaleOf(trace: Trace, cell: Cell): Scale {
  const profile = serverNamed(cell.server);
  const round = rounderOf(cell.allocator);
  const hasTtl = givesTtl(trace);
  const tables =
    profile.tableBytes('main', 1, round) + (hasTtl ? profile.tableBytes('expires', 1, round) : 0);
  return {
    fixedBytes: baseBytesOf(cell) + tables,
    dataBytes: Math.max(1, footprintBytes(trace, profile, cell.allocator) - tables),
  };
}

/** A loop, since `some` calls a function for every row. */
export function givesTtl({ ttls, rows }: Trace): boolean {
  for (let row = 0; row < rows; row++) if (ttls[row] !== NO_TTL) return true;
  return false;
}
