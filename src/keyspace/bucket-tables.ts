import { BUCKET_BYTES, BucketTable, POSITIONS } from './bucket-table.ts';
import type { BucketTableRules } from './bucket-table-rules.ts';
import type { TableKind } from './key-table.ts';

/** The tables of a server with bucket tables. */
export function bucketTables(rules: BucketTableRules): TableKind {
  return {
    createTable: (_role, parts) => new BucketTable(rules, parts),
    tableBytes: (_role, keys, round) => {
      if (keys === 0) return 0;
      let buckets = 1;
      while (keys >= POSITIONS * buckets) buckets *= 2;
      const children = round(BUCKET_BYTES) * expectedChildren(keys, buckets);
      return round(rules.headerBytes) + round(BUCKET_BYTES * buckets) + children;
    },
  };
}

/** Keys fall into buckets as a Poisson variable; a chain of k > 7 keys has (k - 7) / 6 children, rounded up. */
function expectedChildren(keys: number, buckets: number): number {
  const mean = keys / buckets;
  let probability = Math.exp(-mean);
  let children = 0;
  for (let k = 1; k < 100; k++) {
    probability *= mean / k;
    if (k > POSITIONS) children += probability * Math.ceil((k - POSITIONS) / (POSITIONS - 1));
  }
  return Math.round(children * buckets);
}
