import { type Host, isContained, usableBytes } from '../../sizing/host.ts';
import {
  commitLimitBytes,
  copyingVerdict,
  forkVerdict,
  type ForkingServer,
  neededOvercommitRatio,
} from '../../sizing/overcommit.ts';
import { PROCESS_BYTES } from '../../sizing/headroom.ts';
import { atLeast } from '../../servers/version.ts';
import { formatBytes } from '../../units.ts';
import {
  copiedAtLimit,
  type Facts,
  forkReasons,
  fragmentationOf,
  infoNumber,
  maxmemoryOf,
  policyOf,
} from '../facts.ts';
import { remarked, type Rule } from '../rule.ts';
import { memoryOf } from './limit.ts';

/** The server as it will be when it is full, about to fork; undefined when its size is not known. */
function fullServer(facts: Facts): ForkingServer | undefined {
  const bytes = maxmemoryOf(facts) || infoNumber(facts, 'used_memory');
  if (bytes === 0) return undefined;
  const heap = bytes * fragmentationOf(facts).ratio;
  return {
    residentBytes: heap + PROCESS_BYTES,
    copiedBytes: copiedAtLimit(facts) ?? heap,
    reservesNothing: facts.allocator !== 'libc',
  };
}

export const noRoomForFork: Rule = {
  id: 'no-room-for-fork',
  summary: 'a save copies pages, and there is no memory to copy them to',
  examine(facts) {
    const { host } = facts;
    const server = fullServer(facts);
    const reasons = forkReasons(facts);
    if (host === undefined || server === undefined || reasons.length === 0) return undefined;
    const { neededBytes, ramBytes, outcome } = copyingVerdict(host, server);
    // A server that is too large without a fork is another rule's.
    if (outcome === 'fits' || outcome === 'refused' || server.residentBytes > ramBytes) {
      return undefined;
    }
    const isMeasured = copiedAtLimit(facts) !== undefined;
    const killed = isContained(host)
      ? 'a process of the container'
      : 'a process, most likely the server';
    return {
      severity: isMeasured && outcome !== 'swaps' ? 'serious' : 'warning',
      problem:
        outcome === 'swaps'
          ? 'While a full server saves, part of it is swapped out.'
          : `While a full server saves, the kernel may kill ${killed}.`,
      evidence: [
        ...reasons,
        memoryOf(facts),
        `a full server takes ${formatBytes(server.residentBytes)} and ` +
          (isMeasured
            ? `${formatBytes(server.copiedBytes)} of copies, ${facts.traffic === undefined ? "as the last child's in proportion (INFO)" : 'as your traffic writes'}`
            : `up to ${formatBytes(server.copiedBytes)} of copies, if every page is written meanwhile`),
      ],
      reason:
        'A child shares the memory of the server; every page that is written while it lives exists twice. fork() is ' +
        'granted all the same: the kernel promises pages it may not have.',
      fix:
        `${formatBytes(neededBytes)} of ${isContained(host) ? 'container limit' : 'RAM'}, or a smaller maxmemory, or no ` +
        'saves (save "", appendonly no); "evictlab doctor --workload" counts the pages that your traffic writes',
    };
  },
};

const STRICT_RULE =
  'In mode 2 all committed memory must stay below swap + vm.overcommit_ratio of RAM, and a child counts as much as its parent.';
const NOT_CHARGED =
  'jemalloc maps its heap without a reservation, which mode 0 does not charge; before Linux 5.2 other allocators could fail at half of RAM.';

/** A server as large as the machine: stands for all there may be. */
const anyServer = ({ ramBytes }: Host): ForkingServer => ({
  residentBytes: ramBytes,
  copiedBytes: 0,
  reservesNothing: true,
});

/** In mode 2, half of what nobody else has committed. */
const largestForking = (host: Host): number =>
  Math.max(0, Math.round((commitLimitBytes(host) - host.committedByOthersBytes) / 2));

export const overcommit: Rule = {
  id: 'overcommit-memory',
  summary: 'vm.overcommit_memory refuses forks, or is not what the server wants',
  examine(facts) {
    const { host, settings } = facts;
    if (host === undefined || host.overcommitMemory === 1) return undefined;
    const reasons = forkReasons(facts);
    const server = settings === undefined ? anyServer(host) : fullServer(facts);
    if (server === undefined || (settings !== undefined && reasons.length === 0)) return undefined;
    const { succeeds, chargedBytes, allowedBytes, rule } = forkVerdict(host, server);
    const mode = `vm.overcommit_memory ${host.overcommitMemory}`;
    const where = isContained(host)
      ? 'sysctl vm.overcommit_memory=1 on the machine: containers share its kernel and have no setting of their own'
      : 'sysctl vm.overcommit_memory=1, and in /etc/sysctl.d/ to keep it';
    if (settings === undefined) {
      const isStrict = host.overcommitMemory === 2;
      return {
        severity: isStrict ? 'warning' : 'note',
        problem: isStrict
          ? `No server that takes more than ${formatBytes(largestForking(host))} can save.`
          : 'Servers will warn about mode 0; their forks are granted.',
        evidence: [mode, memoryOf(facts)],
        reason: isStrict ? STRICT_RULE : NOT_CHARGED,
        fix: where,
      };
    }
    if (!succeeds) {
      const ratio = neededOvercommitRatio(host, server);
      return {
        severity: 'serious',
        problem: 'When the server is full, fork() fails and nothing is saved.',
        evidence: [
          mode,
          memoryOf(facts),
          `a fork has to be charged ${formatBytes(chargedBytes)}, ${formatBytes(Math.max(0, allowedBytes))} is allowed`,
          ...reasons,
        ],
        reason:
          (rule === 'commit limit'
            ? `${STRICT_RULE} `
            : 'In mode 0 no mapping may be larger than RAM and swap together. ') +
          'After a failed save writes are refused with MISCONF (stop-writes-on-bgsave-error yes).',
        fix: where + (ratio === undefined ? '' : `; or vm.overcommit_ratio=${ratio}`),
      };
    }
    return {
      severity: 'note',
      problem:
        host.overcommitMemory === 0
          ? 'fork() will be granted; the server warns about mode 0 all the same.'
          : 'fork() will be granted, with nothing to spare for other programs in mode 2.',
      evidence: [mode, memoryOf(facts)],
      reason:
        rule === 'not charged'
          ? NOT_CHARGED
          : `${formatBytes(chargedBytes)} charged, ${formatBytes(allowedBytes)} allowed.`,
      fix: where,
    };
  },
};

export const transparentHugePages: Rule = {
  id: 'transparent-huge-pages',
  summary: 'huge pages that the server does not switch off for itself',
  examine(facts) {
    const { host, settings, version } = facts;
    if (host?.transparentHugePages !== 'always') return undefined;
    const canSwitchOff = atLeast(version, '6.2');
    if (settings !== undefined && canSwitchOff && settings.text('disable-thp') !== 'no') {
      return undefined;
    }
    const copiesWhole = host.kernel !== '' && !atLeast(host.kernel, '5.8');
    return {
      severity: settings === undefined ? 'note' : copiesWhole ? 'serious' : 'warning',
      problem: copiesWhole
        ? 'Each write during a save copies 2 MiB.'
        : 'Huge pages make the server larger, and its latency uneven.',
      evidence: [
        'transparent_hugepage/enabled [always]',
        `kernel ${host.kernel}`,
        settings === undefined
          ? 'Redis before 6.2 does not switch them off for itself'
          : canSwitchOff
            ? settings.quote('disable-thp')
            : `${version} does not switch them off for itself`,
      ],
      reason: copiesWhole
        ? 'Before Linux 5.8 a write to a shared huge page copied all of it: a few thousand writes are the whole data set.'
        : 'From Linux 5.8 on a write to a shared huge page splits it and copies 4 KiB, so copies are no worse.',
      fix: 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled',
    };
  },
};

export const saveFailed: Rule = {
  id: 'save-failed',
  summary: 'the last save or rewrite failed',
  examine(facts) {
    const { settings, info } = facts;
    const rdb = info.get('rdb_last_bgsave_status') === 'err';
    const aof =
      info.get('aof_last_bgrewrite_status') === 'err' ||
      info.get('aof_last_write_status') === 'err';
    if (settings === undefined || (!rdb && !aof)) return undefined;
    const stops =
      rdb && settings.isYes('stop-writes-on-bgsave-error') && settings.text('save') !== '';
    return {
      severity: 'serious',
      problem: stops
        ? 'The last save failed, and writes are refused with MISCONF until one succeeds.'
        : 'The last save failed: a restart loses what came after the one before.',
      evidence: ['rdb_last_bgsave_status', 'aof_last_bgrewrite_status', 'aof_last_write_status']
        .filter((field) => info.has(field))
        .map((field) => `${field} ${info.get(field) ?? ''} (INFO)`),
      reason:
        'Its log says why; "Can\'t save in background: fork:" is memory, the rest is mostly the disk.',
      fix: 'make room for the fork (rules no-room-for-fork, overcommit-memory) or on the disk, then BGSAVE',
    };
  },
};

export const savesCache: Rule = {
  id: 'cache-is-saved',
  summary: 'a cache that forks to save what it could as well lose',
  examine(facts) {
    const { settings } = facts;
    if (settings === undefined || !policyOf(facts).startsWith('allkeys-')) return undefined;
    if (settings.text('save').trim() === '' && !settings.isYes('appendonly')) return undefined;
    const { host } = facts;
    return {
      severity: 'note',
      problem: 'The server forks to save a cache.',
      evidence: [settings.quote('save'), settings.quote('appendonly')],
      reason:
        'Saving is on unless redis.conf says save "". Every save may copy what is written meanwhile' +
        (host === undefined ? '.' : `, out of ${formatBytes(usableBytes(host))}.`),
      fix: remarked('save ""', 'if a restart may begin with an empty cache'),
    };
  },
};
