/**
 * The kernel: what a replay does per key, over columns in one memory. AssemblyScript, compiled to WebAssembly; the host side
 * is src/keyspace/kernel.ts. An instance serves one engine at a time.
 */
import { forgetBlocks } from './bucket-chains';
import { setVisited } from './bucket-sampler';
import { BucketTable } from './bucket-table';
import { emptyPool } from './candidate-pool';
import { ChainedDict } from './chained-dict';
import { allocate, clearMemory } from './memory';
import { unsetPolicy } from './policy';
import { allocateRecords } from './records';
import { forgetReplies } from './replies';
import { setFound, Table } from './table';

export { setFrequencies } from './access-frequency';
export { expireCycle, setActiveExpire } from './active-expire';
export { forget, offer, takeBest } from './candidate-pool';
export { endOfBatch, setBatches } from './batches';
export { cacheLruClock, setClock, setClockRules } from './clock';
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
export { addExpiry, expireKey, rechargeKey, removeExpiry, setSlotGoesWithTtl } from './database';
export { evictBetweenCommands, evictionTimer, setEviction } from './eviction';
export { idleSeconds } from './idle-time';
export { addKey, removeKey, setTables } from './keyspace';
export { addParsed, setParseWindow } from './parsed';
export {
  hasCandidates,
  hit,
  insertion,
  modification,
  removal,
  setPolicy,
  useHostsPolicy,
  victim,
} from './policy';
export { float, randomState } from './random';
export { allocateRecency } from './recency';
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
export { sendReplies } from './replies';
export { runBatches, runFills, runRows, setReplay } from './replay';
export { allocateRows, setFirstRow } from './rows';
export { accountFields, clockFields, clockWords, counterFields, replyFields } from './state';
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

/**
 * Begins anew, whatever the kernel was used for before, with room for records of up to `keyCount` keys; returns where
 * searches and samples put the slots they find. What an engine sets anyway keeps its value until it does.
 */
export function start(keyCount: i32): usize {
  clearMemory();
  forgetBlocks();
  emptyPool();
  unsetPolicy();
  forgetReplies();
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
