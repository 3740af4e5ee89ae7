import { formatBytes } from '../../units.ts';
import { type Facts, infoNumber, isRunning, keyCounts, maxmemoryOf, policyOf } from '../facts.ts';
import { remarked, type Rule } from '../rule.ts';

const isVolatile = (facts: Facts): boolean => policyOf(facts).startsWith('volatile-');
const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Writes refused because nothing could be evicted. */
function refusedWrites({ info }: Facts): number {
  return Number(/count=(\d+)/.exec(info.get('errorstat_OOM') ?? '')?.[1] ?? 0);
}

/** The server is nearly full: what a policy can do matters now. */
const isNearlyFull = (facts: Facts): boolean =>
  infoNumber(facts, 'used_memory') >= 0.8 * maxmemoryOf(facts);

export const volatileWithoutTtl: Rule = {
  id: 'volatile-without-ttl',
  summary: 'volatile-* can only evict keys with a TTL, and few have one',
  examine(facts) {
    const { settings, sample } = facts;
    if (settings === undefined || !isVolatile(facts)) return undefined;
    const { keys, expires } = keyCounts(facts);
    const about = {
      reason:
        `${policyOf(facts)} evicts keys with a TTL and no others. When there are none left it is noeviction: ` +
        'writes fail with "OOM command not allowed when used memory > \'maxmemory\'".',
      fix: remarked(
        `maxmemory-policy ${policyOf(facts).replace('volatile-ttl', 'volatile-lru').replace('volatile', 'allkeys')}`,
        'or give every key a TTL (EX, EXPIRE) and keep the policy',
      ),
    };
    if (!isRunning(facts)) {
      return {
        ...about,
        severity: 'note',
        problem: 'Only keys with a TTL can be evicted; are there enough of them?',
        evidence: [settings.quote('maxmemory-policy')],
      };
    }
    if (keys === 0 || expires >= FEW_TTLS * keys) return undefined;
    const isHopeless = expires < HARDLY_ANY_TTLS * keys;
    return {
      ...about,
      severity: isHopeless || isNearlyFull(facts) ? 'serious' : 'warning',
      problem:
        expires === 0
          ? 'No key can be evicted: none has a TTL.'
          : `Only ${percent(expires / keys)} of the keys can be evicted.`,
      evidence: [
        settings.quote('maxmemory-policy'),
        `${expires} of ${keys} keys have a TTL (INFO keyspace)`,
        ...(sample === undefined || sample.bytes === 0
          ? []
          : [
              `${percent(sample.volatileBytes / sample.bytes)} of the bytes of ${sample.keys} random keys`,
            ]),
      ],
    };
  },
};
/** Below these shares of keys with a TTL. */
const FEW_TTLS = 0.25;
const HARDLY_ANY_TTLS = 0.01;

export const noevictionAsCache: Rule = {
  id: 'noeviction-as-cache',
  summary: 'noeviction on what looks like a cache',
  examine(facts) {
    const { settings } = facts;
    if (settings === undefined || maxmemoryOf(facts) === 0) return undefined;
    if (policyOf(facts) !== 'noeviction') return undefined;
    const { keys, expires } = keyCounts(facts);
    const looksLikeCache = keys > 0 && expires >= 0.5 * keys;
    if (isRunning(facts) && !looksLikeCache) return undefined;
    return {
      severity: looksLikeCache ? (isNearlyFull(facts) ? 'serious' : 'warning') : 'note',
      problem: 'At the limit every write fails; nothing makes room for it.',
      evidence: [
        settings.quote('maxmemory-policy'),
        settings.quote('maxmemory'),
        ...(looksLikeCache
          ? [
              `${expires} of ${keys} keys have a TTL: they may go`,
              `used_memory ${formatBytes(infoNumber(facts, 'used_memory'))}`,
            ]
          : []),
      ],
      reason:
        'noeviction is right for data that must not be lost (queues, sessions, locks) and wrong for a cache.',
      fix: remarked(
        'maxmemory-policy allkeys-lru',
        'for a cache; "evictlab run" compares the policies on your traffic',
      ),
    };
  },
};

export const writesRefused: Rule = {
  id: 'writes-refused',
  summary: 'the server has refused writes for want of memory',
  examine(facts) {
    const refused = refusedWrites(facts);
    if (refused === 0) return undefined;
    const { keys, expires } = keyCounts(facts);
    const fix = isVolatile(facts)
      ? 'maxmemory-policy allkeys-lru, or more memory, or a TTL on every key'
      : 'an evicting policy for a cache; more memory for anything else';
    return {
      severity: 'serious',
      problem: `${refused} commands were refused with -OOM.`,
      evidence: [
        `errorstat_OOM count=${refused} (INFO errorstats)`,
        `maxmemory-policy ${policyOf(facts)}, ${expires} of ${keys} keys with a TTL`,
      ],
      reason:
        'used_memory without replica and append-only buffers was above maxmemory and nothing could be evicted; the ' +
        'peak may be long past (used_memory_peak).',
      fix,
    };
  },
};

export const cacheAndQueue: Rule = {
  id: 'cache-and-queue',
  summary: 'queues or locks share an instance with a cache that evicts',
  examine(facts) {
    const { settings, sample } = facts;
    const policy = policyOf(facts);
    if (settings === undefined || sample === undefined || policy === 'noeviction') return undefined;
    const queued = ['list', 'stream', 'zset'].filter((type) => sample.types.has(type));
    const others = [...sample.types.keys()].filter((type) => !queued.includes(type));
    const isMixed = queued.length > 0 && others.length > 0;
    if (sample.queueNames.length === 0 && !isMixed) return undefined;
    const isNamed = sample.queueNames.length > 0;
    return {
      severity: isNamed && !isVolatile(facts) ? 'serious' : isNamed ? 'warning' : 'note',
      problem: isVolatile(facts)
        ? 'Jobs have no TTL, but their locks and unique marks do: those can be evicted.'
        : 'Jobs can be evicted like any other key, and are then lost.',
      evidence: [
        settings.quote('maxmemory-policy'),
        ...(isNamed ? [`keys of a queue: ${sample.queueNames.slice(0, 3).join(', ')}`] : []),
        `types of ${sample.keys} random keys: ${[...sample.types].map(([type, count]) => `${type} ${count}`).join(', ')}`,
      ],
      reason:
        'Queues need noeviction, caches need eviction, and one instance has one policy for all its databases.',
      fix: 'an instance of its own for the queue, with maxmemory-policy noeviction',
    };
  },
};

const FAMILY = /-(lru|lfu|lrm|random|ttl)$/;
const familyOf = (policy: string): string => FAMILY.exec(policy)?.[1] ?? policy;
/** Policies that keep a clock or a counter per key, in the same 24 bits. */
const KEEPS_METADATA = ['lru', 'lfu', 'lrm'];

export const policySwitched: Rule = {
  id: 'policy-switched',
  summary: 'the policy was changed at run time, and old keys carry marks of the other one',
  examine(facts) {
    const { settings, file, info } = facts;
    if (settings === undefined || !isRunning(facts)) return undefined;
    const policy = policyOf(facts);
    const before = file?.text('maxmemory-policy').toLowerCase();
    const reason =
      'LRU clock and LFU counter are the same 24 bits of a key. A switch between them reads the one as the other until ' +
      'the key is touched again: hot keys may go first (redis#15375).';
    if (file !== undefined && before !== undefined && before !== policy) {
      const misreads =
        familyOf(before) !== familyOf(policy) && KEEPS_METADATA.includes(familyOf(policy));
      return {
        severity: 'warning',
        problem: `The server runs ${policy}; after a restart it will run ${before}.`,
        evidence: [settings.quote('maxmemory-policy'), file.quote('maxmemory-policy')],
        reason: misreads
          ? reason
          : 'CONFIG SET is forgotten at a restart unless it is written down.',
        fix: 'CONFIG REWRITE, or the same line in redis.conf',
      };
    }
    const calls = Number(/calls=(\d+)/.exec(info.get('cmdstat_config|set') ?? '')?.[1] ?? 0);
    if (calls === 0 || familyOf(policy) !== 'lfu') return undefined;
    return {
      severity: 'note',
      problem: 'If the policy was switched to LFU at run time, counters of old keys are wrong.',
      evidence: [settings.quote('maxmemory-policy'), `CONFIG SET was called ${calls} times`],
      reason,
      fix: 'set the policy in redis.conf and restart, or wait until the keys have been touched',
    };
  },
};

export const lfuDecayZero: Rule = {
  id: 'lfu-decay-zero',
  summary: 'lfu-decay-time 0 keeps what was hot once for ever',
  examine(facts) {
    const { settings, version } = facts;
    if (settings === undefined || familyOf(policyOf(facts)) !== 'lfu') return undefined;
    if (settings.number('lfu-decay-time') !== 0) return undefined;
    return {
      severity: 'warning',
      problem: 'Counters never fall: keys that were hot once are never evicted.',
      evidence: [settings.quote('lfu-decay-time'), settings.quote('maxmemory-policy')],
      reason:
        `0 means no decay in ${version} as in every version from 5.0 on. The comments of redis.conf up to 7.0 said the ` +
        'opposite, decay at every scan (redis#11108).',
      fix: 'lfu-decay-time 1',
    };
  },
};

export const lrmForgetsReads: Rule = {
  id: 'lrm-ignores-reads',
  summary: 'under *-lrm reads do not keep a key',
  examine(facts) {
    const { settings } = facts;
    if (settings === undefined || familyOf(policyOf(facts)) !== 'lrm') return undefined;
    return {
      severity: 'note',
      problem: 'A key that is read all the time but not written is evicted first.',
      evidence: [settings.quote('maxmemory-policy')],
      reason: 'lrm goes by the last modification; reads leave it as it is.',
      fix: 'maxmemory-policy allkeys-lru, unless that is what you want; "evictlab run" compares them',
    };
  },
};
