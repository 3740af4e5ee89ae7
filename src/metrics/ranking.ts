import type { Cell, CellResult } from '../replay/cell.ts';
import { groupBy, sameHitRatio, seedGroup, type SeedGroup } from './seeds.ts';

/** One policy under one setting, over its seeds. */
export interface RankedPolicy extends SeedGroup {
  readonly policy: string;
  /** Against the best: it is the best, no different within the seeds' noise, different, or one seed can't tell. */
  readonly standing: 'best' | 'same' | 'different' | 'unknown';
}

/** Everything run under one setting (workload, server, maxmemory …): policies that refuse no write, then the others. */
export interface Ranking {
  /** The setting: policy and seed are those of any one of its cells. */
  readonly cell: Cell;
  readonly server: readonly RankedPolicy[];
  readonly references: readonly RankedPolicy[];
  /** Undefined when no server policy was run, or there were no lookups. */
  readonly best: RankedPolicy | undefined;
}

/**
 * Groups results by setting and ranks the policies of each. The best is the server policy with the highest hit ratio
 * among those that refused no command; among all when each refused some.
 */
export function rankPolicies(
  results: readonly CellResult[],
  references: ReadonlySet<string>,
): Ranking[] {
  const settings = groupBy(results, (r) => JSON.stringify({ ...r.cell, policy: '', seed: 0 }));
  return settings.map((group) => {
    const policies = groupBy(group, (r) => r.cell.policy).map(withHitRatio);
    policies.sort(byUse);
    const server = policies.filter((p) => !references.has(p.policy));
    const measured = server.filter((p) => p.hitRatio !== undefined);
    const best = measured.at(0);
    const rank = (p: Unranked): RankedPolicy => ({ ...p, standing: standing(p, best) });
    return {
      cell: group[0].cell,
      server: server.map(rank),
      references: policies.filter((p) => references.has(p.policy)).map(rank),
      best: best && rank(best),
    };
  });
}

type Unranked = Omit<RankedPolicy, 'standing'>;

/** Policies that refuse no write first, each kind by falling hit ratio: a full server that says no is no cache. */
function byUse(a: Unranked, b: Unranked): number {
  const refusing = Number(refusesWrites(a)) - Number(refusesWrites(b));
  return refusing === 0 ? (b.hitRatio?.mean ?? -1) - (a.hitRatio?.mean ?? -1) : refusing;
}

function refusesWrites(policy: Unranked): boolean {
  return policy.results.some((r) => r.oomErrors > 0);
}

function withHitRatio(results: readonly CellResult[]): Unranked {
  return { policy: results[0].cell.policy, ...seedGroup(results) };
}

function standing(policy: Unranked, best: Unranked | undefined): RankedPolicy['standing'] {
  if (policy === best) return 'best';
  const same = best === undefined ? undefined : sameHitRatio(policy, best);
  if (same === undefined) return 'unknown';
  return same ? 'same' : 'different';
}
