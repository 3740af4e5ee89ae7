import { ChainedDict } from './chained-dict.ts';
import { type DictRules, INITIAL_BUCKETS, nextPowerOfTwo } from './dict-rules.ts';
import type { TableKind } from './key-table.ts';

/** The two members of a server profile that say that its tables are dictionaries; nodes as many as are to be expected. */
export function dictionaryTables(rules: DictRules): TableKind {
  return {
    createTable: (role, parts) => new ChainedDict(rules, role, parts),
    tableBytes(role, keys, round) {
      if (keys === 0) return 0;
      let buckets = nextPowerOfTwo(keys);
      if (rules.timerGrows && keys === buckets && buckets > INITIAL_BUCKETS) buckets *= 2;
      const array = round(8 * buckets) + rules.firstKeyBytes[role];
      if (rules.nodeBytes === 0) return array;
      const nonEmpty = buckets * (1 - (1 - 1 / buckets) ** keys);
      return array + round(rules.nodeBytes) * Math.round(keys - nonEmpty);
    },
  };
}
