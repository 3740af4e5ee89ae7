/**
 * The kernel: what a replay does per key, over columns in one memory. AssemblyScript, compiled to WebAssembly; the host side
 * is src/keyspace/kernel.ts. An instance is one engine's.
 */
import { BucketTable, setVisited } from './bucket-table';
import { ChainedDict } from './chained-dict';
import { allocate } from './memory';
import { allocateRecords } from './records';
import { setFound, Table } from './table';

export { setFrequencies } from './access-frequency';
export { forget, offer, takeBest } from './candidate-pool';
export { allocateNames, setCommandMemory } from './command-memory';
export {
  del,
  expire,
  get,
  incr,
  persist,
  set,
  setCommands,
  setInteger,
  touchCommand as touch,
} from './commands';
export {
  addExpiry,
  deleteKey,
  expireKey,
  rechargeKey,
  removeExpiry,
  setSlotGoesWithTtl,
} from './database';
export { evictBetweenCommands, setEviction } from './eviction';
export { idleSeconds } from './idle-time';
export { addKey, allocateScores, removeKey, setTables } from './keyspace';
export { addParsed, endParsed, setParseWindow } from './parsed';
export {
  hasCandidates,
  hit,
  insertion,
  modification,
  setPolicy,
  useHostsPolicy,
  victim,
} from './policy';
export { float, randomState } from './random';
export { allocateReads, foreseen, lookupSums } from './reads';
export {
  claim,
  directory,
  bytes,
  expiresAtMs,
  expiresLinks,
  ids,
  mainLinks,
  meta,
  release,
  values,
} from './records';
export { runFills, runRows } from './replay';
export { allocateRows, setFirstRow } from './rows';
export { accountFields, clockFields, counterFields, replyFields } from './state';
export {
  collectAt,
  cursorAfter,
  endScan,
  insert,
  lookUp,
  randomKey,
  rehash,
  remove,
  resizeIfSparse,
  sample,
  scan,
} from './tables';

/** Makes room for records of up to `keyCount` keys; returns where searches and samples put the slots they find. */
export function start(keyCount: i32): usize {
  allocateRecords(keyCount);
  const slots = (<usize>keyCount + 2) << 2;
  const found = allocate(slots);
  setFound(found);
  setVisited(allocate(slots));
  return found;
}

export function createDict(
  isMain: bool,
  hashSeed: i32,
  samplesWholeChains: bool,
  growthVeto: bool,
  shrinksOnDelete: bool,
  timerGrows: bool,
  movesBucketLookedUp: bool,
  nodeBytes: f64,
  firstKeyBytes: f64,
): Table {
  return ChainedDict.create(
    isMain,
    hashSeed,
    samplesWholeChains,
    growthVeto,
    shrinksOnDelete,
    timerGrows,
    movesBucketLookedUp,
    nodeBytes,
    firstKeyBytes,
  );
}

export function createBuckets(
  hashSeed: i32,
  drawsBucketsAlone: bool,
  rehashesLeanly: bool,
  compactsAfterScan: bool,
  headerBytes: f64,
): Table {
  return BucketTable.create(
    hashSeed,
    drawsBucketsAlone,
    rehashesLeanly,
    compactsAfterScan,
    headerBytes,
  );
}

/** An array of buckets without a table around it, and a key put into a chain of it: for the tests of what chains cost. */
export function createBareChains(buckets: i32): Table {
  return BucketTable.bareChains(buckets);
}

export function insertIntoChain(table: Table, bucket: i32, slot: i32): void {
  changetype<BucketTable>(table).insertInto(bucket, slot);
}
