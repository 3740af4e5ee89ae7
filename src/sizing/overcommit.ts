import { type Host, isContained, usableBytes } from './host.ts';

/** A server about to fork. */
export interface ForkingServer {
  /** Private memory of the process: heap with fragmentation, stacks. */
  readonly residentBytes: number;
  /** Most that writes copy while the child lives. */
  readonly copiedBytes: number;
  /**
   * Its heap is mapped without a reservation in modes 0 and 1, as jemalloc does; such mappings are not charged there.
   */
  readonly reservesNothing: boolean;
}

/** Whether fork() itself is granted, and by which rule. */
export interface ForkVerdict {
  readonly succeeds: boolean;
  /** The kernel's rule with the numbers put in. */
  readonly chargedBytes: number;
  /** What may be charged at most; Infinity = anything. */
  readonly allowedBytes: number;
  readonly rule: ForkRule;
}

/**
 * `always`: mode 1. `not charged`: mode 0, nothing to charge. `each mapping`: mode 0, one mapping at a time against RAM
 * and swap. `commit limit`: mode 2.
 */
export type ForkRule = 'always' | 'not charged' | 'each mapping' | 'commit limit';

/** What mode 2 keeps for the administrator and for the user's other programs (vm.admin_reserve_kbytes, vm.user_reserve_kbytes). */
const ADMIN_RESERVE_BYTES = 8 << 20;
const USER_RESERVE_BYTES = 128 << 20;
const USER_RESERVE_SHARE = 1 / 32;

/** `CommitLimit`: what all processes together may commit in mode 2. */
export function commitLimitBytes(host: Host): number {
  const ram =
    host.overcommitBytes > 0
      ? host.overcommitBytes
      : ((host.ramBytes - host.hugePageBytes) * host.overcommitRatio) / 100;
  return ram + host.swapBytes;
}

/**
 * Whether the kernel grants a fork. It charges the child for every private writable mapping of the parent: in mode 2
 * their sum must fit below CommitLimit with all that is committed already; in mode 0 each by itself must not exceed RAM
 * and swap together; in mode 1 nothing is asked. Source: mm/util.c, __vm_enough_memory, Linux 5.2 and later; kernels
 * before that also counted free and reclaimable memory in mode 0.
 */
export function forkVerdict(host: Host, server: ForkingServer): ForkVerdict {
  const { residentBytes } = server;
  if (host.overcommitMemory === 1) {
    return { succeeds: true, chargedBytes: 0, allowedBytes: Infinity, rule: 'always' };
  }
  if (host.overcommitMemory === 0) {
    const allowedBytes = host.ramBytes + host.swapBytes;
    const charged = server.reservesNothing ? 0 : residentBytes;
    const rule = server.reservesNothing ? 'not charged' : 'each mapping';
    return { succeeds: charged <= allowedBytes, chargedBytes: charged, allowedBytes, rule };
  }
  const reserve = ADMIN_RESERVE_BYTES + userReserve(residentBytes);
  const allowedBytes = commitLimitBytes(host) - reserve;
  const chargedBytes = host.committedByOthersBytes + 2 * residentBytes;
  return {
    succeeds: chargedBytes <= allowedBytes,
    chargedBytes,
    allowedBytes,
    rule: 'commit limit',
  };
}

const userReserve = (residentBytes: number): number =>
  Math.min(USER_RESERVE_BYTES, residentBytes * USER_RESERVE_SHARE);

/** What happens at the moment of most copying, fork granted. */
export interface CopyingVerdict {
  readonly neededBytes: number;
  /** RAM, or the container's limit when that is less. */
  readonly ramBytes: number;
  /** With the swap that may be used. */
  readonly withSwapBytes: number;
  readonly outcome: CopyingOutcome;
}

/**
 * `fits`; `swaps`: what exceeds RAM goes to swap, with the latency of a disk; `container kill`: the kernel kills a
 * process of the container, server or child; `host kill`: one of the machine, most likely the server; `refused`: mode 2
 * has refused the fork instead.
 */
export type CopyingOutcome = 'fits' | 'swaps' | 'container kill' | 'host kill' | 'refused';

/** What happens while pages are copied. A grant in modes 0 and 1 is no promise that there are pages to copy to. */
export function copyingVerdict(host: Host, server: ForkingServer): CopyingVerdict {
  const neededBytes = server.residentBytes + server.copiedBytes;
  const ramBytes = usableBytes(host);
  const swapBytes = Math.min(host.swapBytes, host.container?.swapBytes ?? Infinity);
  const withSwapBytes = ramBytes + swapBytes;
  const outcome = (): CopyingOutcome => {
    if (!forkVerdict(host, server).succeeds) return 'refused';
    if (neededBytes <= ramBytes) return 'fits';
    if (neededBytes <= withSwapBytes) return 'swaps';
    return isContained(host) ? 'container kill' : 'host kill';
  };
  return { neededBytes, ramBytes, withSwapBytes, outcome: outcome() };
}

/** The smallest `vm.overcommit_ratio`, percent, with which mode 2 grants the fork; undefined = no ratio up to 100 does. */
export function neededOvercommitRatio(host: Host, server: ForkingServer): number | undefined {
  const { residentBytes } = server;
  const reserve = ADMIN_RESERVE_BYTES + userReserve(residentBytes);
  const needed = host.committedByOthersBytes + 2 * residentBytes + reserve - host.swapBytes;
  const ratio = Math.ceil((100 * needed) / (host.ramBytes - host.hugePageBytes));
  return ratio > 100 ? undefined : Math.max(0, ratio);
}
