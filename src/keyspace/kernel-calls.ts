/** The address of a table in the kernel's memory. */
export type TableAddress = number;

/** What the kernel (src/kernel/index.ts) does for its host. Keys are ids, resident ones slots; addresses count bytes. */
export interface KernelCalls {
  start(keyCount: number): number;

  createDict(
    isMain: number,
    hashSeed: number,
    samplesWholeChains: number,
    growthVeto: number,
    shrinksOnDelete: number,
    timerGrows: number,
    movesBucketLookedUp: number,
    nodeBytes: number,
    firstKeyBytes: number,
  ): TableAddress;
  createBuckets(
    hashSeed: number,
    drawsBucketsAlone: number,
    rehashesLeanly: number,
    compactsAfterScan: number,
    headerBytes: number,
  ): TableAddress;

  lookUp(table: TableAddress, id: number): void;
  insert(table: TableAddress, slot: number): void;
  remove(table: TableAddress, slot: number): void;
  sample(table: TableAddress, count: number): number;
  randomKey(table: TableAddress): number;
  collectAt(table: TableAddress, cursor: number): number;
  scan(table: TableAddress, cursor: number): number;
  cursorAfter(table: TableAddress, cursor: number): number;
  endScan(table: TableAddress): void;
  resizeIfSparse(table: TableAddress): void;
  rehash(table: TableAddress, buckets: number): void;

  setTables(main: TableAddress, expires: TableAddress): void;
  addKey(id: number, bytes: number, value: number, flags: number): number;
  removeKey(slot: number): void;
  rechargeKey(slot: number, bytes: number): void;
  addExpiry(slot: number, expiresAtMs: number): void;
  removeExpiry(slot: number): void;
  expireKey(slot: number): void;
  claim(id: number): number;
  release(slot: number): void;

  setFrequencies(minutesPerDecay: number, scoringStoresAccess: number): number;
  setPolicy(
    order: number,
    volatileOnly: number,
    samples: number,
    looksUpMain: number,
    givesUpOnEmptySample: number,
    tellsOfScores: number,
  ): void;
  useHostsPolicy(): void;
  hit(slot: number): void;
  insertion(slot: number): void;
  modification(slot: number): void;
  removal(slot: number): void;
  allocateRecency(keyCount: number): number;
  victim(): number;
  hasCandidates(): number;
  idleSeconds(slot: number): number;
  offer(slot: number, score: number): number;
  forget(slot: number, id: number): void;
  takeBest(): number;

  float(): number;

  allocateNames(keyCount: number, areShort: number, areAlike: number): number;
  setCommandMemory(
    get: number,
    set: number,
    setWithTtl: number,
    expire: number,
    longestGet: number,
  ): number;
  setSlotGoesWithTtl(goes: number): void;
  setCommands(
    conditionalSetLooksUpTwice: number,
    setMovesTtlInPlace: number,
    countsPastExpiry: number,
    sharesIntegers: number,
  ): void;
  setEviction(timeLimitUs: number, keyUs: number): void;
  setParseWindow(commands: number): void;
  setActiveExpire(
    visiting: number,
    keysPerLoop: number,
    acceptableStalePercent: number,
    sampleUs: number,
    deleteUs: number,
    roundsToEnd: number,
  ): void;

  get(id: number): number;
  touch(id: number): number;
  set(id: number, valueBytes: number, ttlMs: number, mode: number): number;
  setInteger(id: number, value: number, digits: number, ttlMs: number): number;
  incr(id: number): number;
  del(id: number): number;
  expire(id: number, ttlMs: number): number;
  persist(id: number): number;
  addParsed(commands: number, argumentBytes: number): void;
  sendReplies(): void;
  setClockRules(exactLruClock: number): void;
  setClock(ms: number): void;
  cacheLruClock(ms: number): void;
  evictBetweenCommands(idleUs: number): void;
  expireCycle(budgetUs: number): number;

  allocateRows(rows: number, tickMs: number): number;
  allocateReads(pipeline: number): number;
  setFirstRow(row: number): void;
  runRows(first: number, last: number): number;
  runFills(): void;
  setBatches(periodMs: number, pipeline: number): void;
  endOfBatch(first: number, end: number): number;
  setReplay(startMs: number, fillsMisses: number): void;
  runBatches(first: number, end: number, limit: number, dueMs: number): number;
}

/** What the kernel asks of its host: whatever depends on kinds of things rather than on keys. */
export interface KernelHost {
  /** Bytes of a resident key; `value` (0 for an integer) and `flags` as its record holds them. */
  entryBytes(id: number, value: number, flags: number): number;
  /** The EXPIRY_SLOT flag, or 0, of a key that is given a new value: old and new as records hold them. */
  slotAfterOverwrite(
    id: number,
    oldValue: number,
    oldFlags: number,
    value: number,
    flags: number,
    keepsTtl: boolean,
  ): number;
  argumentBytes(length: number): number;
  keyCopyBytes(length: number): number;
  /** Bytes of the records of so many commands that wait parsed. */
  recordBytes(waiting: number): number;
  addReplyBlock(overflow: number): void;
  dropReplyBlocks(): void;
}

/** A policy that the kernel asks instead of its own: that of src/policies/policy.ts. */
export interface KernelListener {
  onHit(slot: number): void;
  onHits?(slots: Int32Array, count: number): void;
  onInsert(slot: number): void;
  onModify?(slot: number): void;
  onRemove(slot: number, reason: number): void;
  chooseVictim(): number;
  hasVictims?(): boolean;
}

/** Where the kernel keeps what its host reads and writes: addresses of columns by slot or id, and of fields. */
export interface KernelPlaces {
  readonly accountFields: number;
  readonly clockFields: number;
  readonly clockWords: number;
  readonly counterFields: number;
  readonly replyFields: number;
  readonly lookupSums: number;
  readonly randomState: number;
  readonly evictionTimer: number;
  readonly directory: number;
  readonly meta: number;
  readonly ids: number;
  readonly bytes: number;
  readonly values: number;
  readonly mainLinks: number;
  readonly expiresLinks: number;
  readonly expiresAtMs: number;
}
