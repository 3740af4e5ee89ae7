import { charge } from './account';
import { recordBytes } from './host';

/**
 * Commands of the client that the server has parsed ahead of their turn (Valkey 9.1, Redis 8.6): their arguments are
 * used memory from then on, and so are the records of those that wait, until the batch ends. None on servers that parse
 * each command when its turn comes. Measured; docs/model.md.
 */

/** Commands that are parsed at a time; 0 = each when its turn comes. */
export let parseWindow = 0;
let waiting = 0;
/** Bytes of the arguments of those that wait. */
export let waitingBytes: f64 = 0;
let recordsCharged: f64 = 0;

/** By how many commands wait, below KNOWN_RECORDS, one more than the bytes of their records; 0 where the host was not asked. */
const KNOWN_RECORDS = 64;
const knownRecords = memory.data(KNOWN_RECORDS * 8);

export function setParseWindow(commands: i32): void {
  parseWindow = commands;
  waiting = 0;
  waitingBytes = 0;
  recordsCharged = 0;
}

/** So many commands, with arguments of so many bytes, have been parsed. */
export function addParsed(commands: i32, argumentBytes: f64): void {
  waiting += commands;
  waitingBytes += argumentBytes;
  // The command that runs next is not among those that wait.
  const bytes = recordBytesOf(waiting - 1);
  charge(argumentBytes + bytes - recordsCharged);
  recordsCharged = bytes;
}

function recordBytesOf(commands: i32): f64 {
  if (commands >= KNOWN_RECORDS) return recordBytes(commands);
  const known = knownRecords + ((<usize>commands) << 3);
  if (load<f64>(known) === 0) store<f64>(known, 1 + recordBytes(commands));
  return load<f64>(known) - 1;
}

/** The first command's turn has come: from here on its caller accounts for its arguments. */
@inline
export function takeParsed(argumentBytes: f64): void {
  if (waiting > 0) takeAllParsed(1, argumentBytes);
}

/** The turn of the first `commands`, whose arguments have `argumentBytes`, has come. */
export function takeAllParsed(commands: i32, argumentBytes: f64): void {
  waiting -= commands;
  waitingBytes -= argumentBytes;
  charge(-argumentBytes);
}

/** The batch is over. */
export function endParsed(): void {
  charge(-recordsCharged);
  recordsCharged = 0;
}
