import type { Cell, CellResult } from '../replay/cell.ts';
import { groupBy, meanOf, sameHitRatio, seedGroup, type SeedGroup } from './seeds.ts';

/** One server of an {@link UpgradePath}, over its seeds. */
export interface UpgradeStep extends SeedGroup {
  readonly server: string;
  readonly allocator: string;
  /** Mean over the seeds, at the end. */
  readonly keys: number;
  /** `used_memory` at the end, less the empty server's, per key stored; undefined without keys. */
  readonly bytesPerKey: number | undefined;
  /** Hit ratio less the first server's; undefined without lookups. */
  readonly difference: number | undefined;
  /** Whether that is more than the seeds' noise; it is the first, or one seed can't tell. */
  readonly standing: 'first' | 'same' | 'different' | 'unknown';
}

/** One policy and limit on several servers, in the order they were given. */
export interface UpgradePath {
  /** The setting: server, allocator and seed are those of any one of its cells. */
  readonly cell: Cell;
  readonly steps: readonly UpgradeStep[];
}

/** The results that several servers have in common: same workload, policy, maxmemory and settings. */
export function upgradePaths(results: readonly CellResult[]): UpgradePath[] {
  const settings = groupBy(results, ({ cell }) =>
    JSON.stringify({ ...cell, server: '', allocator: '', seed: 0 }),
  );
  return settings
    .map((group) => ({ cell: group[0].cell, steps: stepsOf(group) }))
    .filter(({ steps }) => steps.length > 1);
}

function stepsOf(results: readonly CellResult[]): UpgradeStep[] {
  const groups = groupBy(results, ({ cell }) => `${cell.server} ${cell.allocator}`).map(seedGroup);
  const [first] = groups;
  return groups.map((group) => {
    const { server, allocator } = group.results[0].cell;
    const keys = meanOf(group, (r) => r.keys);
    const bytes = meanOf(group, (r) => r.usedMemoryBytes - r.emptyMemoryBytes);
    return {
      ...group,
      server,
      allocator,
      keys,
      bytesPerKey: keys === 0 ? undefined : bytes / keys,
      difference: group.hitRatio && first.hitRatio && group.hitRatio.mean - first.hitRatio.mean,
      standing: standing(group, first),
    };
  });
}

function standing(group: SeedGroup, first: SeedGroup): UpgradeStep['standing'] {
  if (group === first) return 'first';
  const same = sameHitRatio(group, first);
  if (same === undefined) return 'unknown';
  return same ? 'same' : 'different';
}
