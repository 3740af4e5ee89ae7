import { tableDoubling } from '../../sizing/headroom.ts';
import { formatBytes } from '../../units.ts';
import { fragmentationOf, infoNumber, keyCounts, maxmemoryOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** How far ahead a doubling is told of. */
const NEARLY_FULL_TABLE = 1.1;
/** Below these nothing of the kind matters. */
const LARGE_TABLE_SHARE = 0.02;
const LARGE_TABLE_BYTES = 4 * 2 ** 20;
const LARGE_BYTES = 64 * 2 ** 20;

export const tableAboutToDouble: Rule = {
  id: 'table-about-to-double',
  summary: 'the hash table is nearly full, and doubles at once',
  examine(facts) {
    const { settings, profile, allocator } = facts;
    const { keys, expires } = keyCounts(facts);
    const maxmemoryBytes = maxmemoryOf(facts);
    if (settings === undefined || keys === 0) return undefined;
    const doubling = tableDoubling({
      profile,
      allocator,
      keys,
      volatileKeys: expires,
      maxmemoryBytes,
    });
    if (doubling === undefined || doubling.atKeys > NEARLY_FULL_TABLE * keys) return undefined;
    const used = infoNumber(facts, 'used_memory');
    const { arrayBytes, atKeys } = doubling;
    if (arrayBytes < LARGE_TABLE_BYTES && arrayBytes < LARGE_TABLE_SHARE * maxmemoryBytes) {
      return undefined;
    }
    const exceeds = maxmemoryBytes > 0 && used + arrayBytes > maxmemoryBytes;
    const evicted = Math.round(arrayBytes / (used / keys));
    const storms = exceeds && !doubling.isRefusedAtLimit;
    return {
      severity: storms ? 'serious' : exceeds ? 'note' : 'warning',
      problem: storms
        ? `At ${atKeys} keys the hash table doubles, and about ${evicted} keys are evicted in one go.`
        : `At ${atKeys} keys the hash table doubles: ${formatBytes(arrayBytes)} at once.`,
      evidence: [
        `${keys} keys, ${expires} with a TTL (INFO keyspace)`,
        `used_memory ${formatBytes(used)}, maxmemory ${maxmemoryBytes === 0 ? 'none' : formatBytes(maxmemoryBytes)}`,
        `new table ${formatBytes(arrayBytes)}; the old ${formatBytes(doubling.releasedBytes)} are given back when all keys have moved`,
      ],
      reason: storms
        ? `${profile.name} doubles whatever maxmemory says, and evicts until both tables fit (redis#2716: 9.6 million keys in 55 s).`
        : exceeds
          ? `${profile.name} puts it off until there is room, up to 1.6 keys per slot.`
          : 'Old and new table exist side by side until all keys have moved; at the limit keys make way for them.',
      fix: storms
        ? `maxmemory ${Math.ceil((maxmemoryBytes + arrayBytes) / 2 ** 20)}mb before that, or Redis 6.2 or later, which puts it off`
        : `nothing, if ${formatBytes(arrayBytes)} are free; else a maxmemory that ends growth before ${atKeys} keys`,
    };
  },
};

export const fragmented: Rule = {
  id: 'fragmentation',
  summary: 'the process is much larger than what it stores',
  examine(facts) {
    const { settings, info } = facts;
    const { ratio, isMeasured } = fragmentationOf(facts);
    if (settings === undefined || !isMeasured || ratio < FRAGMENTED) return undefined;
    const used = infoNumber(facts, 'used_memory');
    return {
      severity: 'warning',
      problem: `The process holds ${ratio.toFixed(2)} × what it stores.`,
      evidence: [
        `used_memory ${formatBytes(used)}, used_memory_rss ${formatBytes(infoNumber(facts, 'used_memory_rss'))}`,
        `used_memory_peak ${formatBytes(infoNumber(facts, 'used_memory_peak'))}`,
        ...(info.has('allocator_frag_ratio')
          ? [`allocator_frag_ratio ${info.get('allocator_frag_ratio') ?? ''}`]
          : []),
      ],
      reason:
        'Memory freed since the peak lies in pages that hold something else as well. maxmemory does not see it, the kernel does.',
      fix: 'activedefrag yes (jemalloc builds only), or a restart; and RAM for it',
    };
  },
};
const FRAGMENTED = 1.4;

export const swappedOut: Rule = {
  id: 'swapped-out',
  summary: 'part of the server is in swap',
  examine(facts) {
    const used = infoNumber(facts, 'used_memory');
    const rss = infoNumber(facts, 'used_memory_rss');
    if (facts.settings === undefined || used < LARGE_BYTES || rss === 0) return undefined;
    if (rss >= SWAPPED * used) return undefined;
    return {
      severity: 'serious',
      problem: `${formatBytes(used - rss)} of the data are not in RAM.`,
      evidence: [`used_memory ${formatBytes(used)}`, `used_memory_rss ${formatBytes(rss)}`],
      reason: 'Every command that touches a page in swap waits for the disk, and so do all others.',
      fix: 'a smaller maxmemory or more RAM',
    };
  },
};
const SWAPPED = 0.9;
