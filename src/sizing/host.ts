/** What a machine, or the container on it, has to give; sizes in bytes. */
export interface Host {
  readonly ramBytes: number;
  readonly swapBytes: number;
  /** `vm.overcommit_memory`. */
  readonly overcommitMemory: OvercommitMode;
  /** `vm.overcommit_ratio`, percent; counts in mode 2. */
  readonly overcommitRatio: number;
  /** `vm.overcommit_kbytes`, in bytes; not 0 = instead of the ratio. */
  readonly overcommitBytes: number;
  /** RAM set aside for huge pages, which the ratio does not count. */
  readonly hugePageBytes: number;
  /** `Committed_AS`, the server's own share taken off. */
  readonly committedByOthersBytes: number;
  /** The memory limit of the container or unit, when there is one. */
  readonly container: ContainerLimit | undefined;
  /** `6.1.0-18-amd64`. */
  readonly kernel: string;
  /** `/sys/kernel/mm/transparent_hugepage/enabled`; undefined = not known. */
  readonly transparentHugePages: 'always' | 'madvise' | 'never' | undefined;
}

export type OvercommitMode = 0 | 1 | 2;

export interface ContainerLimit {
  readonly bytes: number;
  /** Swap that may be used on top. */
  readonly swapBytes: number;
}

/** RAM that the server may use: the machine's, or the container's limit when that is less. */
export function usableBytes({ ramBytes, container }: Host): number {
  return Math.min(ramBytes, container?.bytes ?? Infinity);
}

/** Whether the container's limit is what counts. */
export function isContained({ ramBytes, container }: Host): boolean {
  return container !== undefined && container.bytes < ramBytes;
}
