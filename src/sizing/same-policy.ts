import { policyNamed } from '../policies/registry.ts';
import type { Cell } from '../replay/cell.ts';
import type { TraceFacts } from './facts.ts';

/** Without a single TTL, policies that evict keys with one alone have nothing to evict: run as noeviction. */
export function withoutIdlePolicy(cell: Cell, { hasTtl }: TraceFacts): Cell {
  const isIdle = !hasTtl && policyNamed(cell.policy).volatileOnly;
  return isIdle ? { ...cell, policy: 'noeviction' } : cell;
}

/** Where every key has a TTL, policies of either kind choose among the same keys: a miniature of one tells both. */
export function twinOf(cell: Cell, { allHaveTtl }: TraceFacts): Cell {
  if (!allHaveTtl) return cell;
  return { ...cell, policy: cell.policy.replace(/^volatile-(?!ttl$)/, 'allkeys-') };
}
