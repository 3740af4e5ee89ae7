import { notePeak, used } from './account';
import { addReplyBlock, dropReplyBlocks } from './host';
import { endParsed } from './parsed';
import { replyFields } from './state';

/** Bytes of `+OK`, `$-1`, `:1` with their line ends. */
export const SHORT_REPLY: f64 = 5;
/** Bytes of the OOM error. */
export const OOM_REPLY: f64 = 58;
/** `$` and two line ends around length and value. */
const BULK_FRAME = 5;

const FIT: usize = 8;
const HIGHEST: usize = 16;

/** The buffer has had blocks added since the replies were last sent. */
let hasBlocks = false;

/** Bytes of the answer that carries a value of `length` bytes. */
@inline
export function bulkReplyBytes(length: i32): i64 {
  return <i64>(BULK_FRAME + decimalDigits(length)) + <i64>length;
}

/** Digits of a whole number. Sizes of values follow no pattern a processor could guess: no branches up to 99,999. */
@inline
function decimalDigits(number: i32): i32 {
  const digits =
    1 + <i32>(number > 9) + <i32>(number > 99) + <i32>(number > 999) + <i32>(number > 9999);
  return number > 99_999 ? digits + moreDigits(number) : digits;
}

/** Digits in front of the last five. */
function moreDigits(number: i32): i32 {
  let digits = 0;
  for (let rest = number / 100_000; rest > 0; rest /= 10) digits++;
  return digits;
}

/** Bytes of the number in decimal, its sign included. */
export function decimalBytes(number: i32): i32 {
  if (number >= 0) return decimalDigits(number);
  // The smallest number has no positive counterpart, but as many digits as its neighbour.
  return 1 + decimalDigits(-max(number, -i32.MAX_VALUE));
}

/** Bytes of replies that fit without another block. */
export function spareForReplies(): f64 {
  return load<f64>(replyFields, FIT) - load<f64>(replyFields);
}

export function addReplies(bytes: f64): void {
  const pending = load<f64>(replyFields) + bytes;
  store<f64>(replyFields, pending);
  const overflow = pending - load<f64>(replyFields, FIT);
  if (overflow > 0) {
    hasBlocks = true;
    addReplyBlock(overflow);
  }
}

/** All commands so far have run and their replies are sent. */
export function sendReplies(): void {
  endParsed();
  const pending = load<f64>(replyFields);
  if (pending > load<f64>(replyFields, HIGHEST)) store<f64>(replyFields, pending, HIGHEST);
  store<f64>(replyFields, 0);
  if (!hasBlocks) return;
  hasBlocks = false;
  dropReplyBlocks();
}

export function forgetReplies(): void {
  hasBlocks = false;
}

/** The reply to a command, and the memory that is used with it. */
@inline
export function answer(bytes: f64): void {
  addReplies(bytes);
  notePeak(used());
}
