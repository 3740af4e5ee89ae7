import {
  DEL,
  EXPIRE,
  GET,
  INCR,
  PERSIST,
  SET,
  SETKEEP,
  SETNX,
  SETXX,
  TOUCH,
} from '../trace/operation-codes';
import { bytesOfExpire, bytesOfGet, bytesOfSet } from './command-memory';
import {
  del,
  expire,
  incr,
  persist,
  set,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_PRESENT,
  SET_KEEPING_TTL,
  touchCommand,
} from './commands';
import { unknownOperation } from './host';
import { endOfBatch } from './batches';
import { setClock } from './clock';
import { evictionTimer } from './eviction';
import { addParsed, parseWindow } from './parsed';
import {
  beginBatch,
  foreseeFills,
  foreseeRequests,
  missed,
  missedRow,
  plainGets,
  runGet,
} from './reads';
import { sendReplies } from './replies';
import { firstRow, hasTtl, keyOf, operationOf, timeMsOf, ttlMsOf, valueBytesOf } from './rows';
import { setRow } from './state';

let startMs: f64 = 0;
let fillsMisses = false;

/** `newStartMs`: unix time at which the trace starts. */
export function setReplay(newStartMs: f64, misses: bool): void {
  startMs = newStartMs;
  fillsMisses = misses;
}

/**
 * Replays batches from row `first` on that start before row `end` and reach no further than `limit`, up to the first that
 * starts at unix time `dueMs` or later, or that evictions left over have to go before: the row it starts with.
 */
export function runBatches(first: i32, end: i32, limit: i32, dueMs: f64): i32 {
  let row = first;
  while (row < end) {
    const nowMs = startMs + timeMsOf(row);
    if (nowMs >= dueMs || load<i32>(evictionTimer) !== 0) return row;
    const last = endOfBatch(row, limit);
    setClock(nowMs);
    runRows(row, last);
    sendReplies();
    if (missed > 0 && fillsMisses) {
      runFills();
      sendReplies();
    }
    row = last;
  }
  return row;
}

/** Runs the rows `[first, last)` of a batch; how many of its GETs missed. */
export function runRows(first: i32, last: i32): i32 {
  beginBatch();
  let hasForeseen = false;
  for (let row = first; row < last;) {
    const parsed = parseWindow > 0 ? min(last, row + parseWindow) : last;
    if (parseWindow > 0) parseRows(row, parsed);
    while (row < parsed) {
      if (operationOf(row) === GET) row = plainGets(row, parsed);
      if (row === parsed) break;
      if (!hasForeseen) foreseeRequests(row, last);
      hasForeseen = true;
      run(row++);
    }
  }
  return missed;
}

/** Runs the SETs that fill the misses of the batch, in their order. */
export function runFills(): void {
  foreseeFills();
  for (let i = 0; i < missed; i++) {
    if (parseWindow > 0 && i % parseWindow === 0) parseFills(i, min(missed, i + parseWindow));
    setRow(firstRow + missedRow(i));
    runSet(missedRow(i), SET_ALWAYS);
  }
}

/** The server parses the commands of rows from `first` on before it runs the first of them. */
function parseRows(first: i32, end: i32): void {
  let bytes: f64 = 0;
  for (let row = first; row < end; row++) {
    const op = operationOf(row);
    if (op === SET || op === SETNX || op === SETXX || op === SETKEEP) bytes += bytesOfSetIn(row);
    else if (op === EXPIRE) bytes += bytesOfExpire(keyOf(row));
    else bytes += bytesOfGet(keyOf(row));
  }
  addParsed(end - first, bytes);
}

function parseFills(first: i32, end: i32): void {
  let bytes: f64 = 0;
  for (let i = first; i < end; i++) bytes += bytesOfSetIn(missedRow(i));
  addParsed(end - first, bytes);
}

function bytesOfSetIn(row: i32): f64 {
  return bytesOfSet(keyOf(row), valueBytesOf(row), hasTtl(row));
}

function run(row: i32): void {
  const op = operationOf(row);
  const id = keyOf(row);
  setRow(firstRow + row);
  if (op === GET) runGet(row);
  else if (op === SET) runSet(row, SET_ALWAYS);
  else if (op === DEL) del(id);
  else if (op === INCR) incr(id);
  else if (op === EXPIRE) expire(id, ttlMsOf(row));
  else if (op === TOUCH) touchCommand(id);
  else if (op === PERSIST) persist(id);
  else if (op === SETNX) runSet(row, SET_IF_ABSENT);
  else if (op === SETXX) runSet(row, SET_IF_PRESENT);
  else if (op === SETKEEP) runSet(row, SET_KEEPING_TTL);
  else unknownOperation(firstRow + row);
}

function runSet(row: i32, mode: i32): void {
  set(keyOf(row), valueBytesOf(row), ttlMsOf(row), mode);
}
