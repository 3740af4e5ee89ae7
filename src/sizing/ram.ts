import type { Cell } from '../replay/cell.ts';
import type { SnapshotCosts } from './copy-on-write.ts';
import type { Headroom } from './headroom.ts';
import { type PlatformSetting, platformSettings } from './platforms.ts';
import type { Simulator } from './simulator.ts';

/** The RAM to provide for a maxmemory, with what is known about saves and said to platforms. */
export interface RamToProvide {
  readonly headroom: Headroom;
  /** undefined for a server that never saves, or whose traffic is not known. */
  readonly snapshot: SnapshotCosts | undefined;
  /** Empty unless asked for. */
  readonly platforms: readonly PlatformSetting[];
}

/** What is asked about RAM. */
export interface RamOptions {
  /** What a child saves in a second, in bytes of used_memory; undefined = SNAPSHOT_BYTES_PER_SECOND. */
  readonly snapshotBytesPerSecond: number | undefined;
  readonly platforms: boolean;
}

/** For the cell under the whole workload, on a server that saves and has no replicas; undefined when interrupted. */
export async function ramToProvide(
  simulator: Simulator,
  cell: Cell,
  { snapshotBytesPerSecond, platforms }: RamOptions,
): Promise<RamToProvide | undefined> {
  const replicas = 0;
  const traffic = await simulator.headroom(cell, {
    snapshotBytesPerSecond,
    forks: true,
    replicas,
  });
  if (traffic === undefined) return undefined;
  const { headroom, snapshot } = traffic;
  const { maxmemoryBytes } = cell;
  return {
    headroom,
    snapshot,
    platforms: platforms ? platformSettings({ maxmemoryBytes, headroom, replicas }) : [],
  };
}
