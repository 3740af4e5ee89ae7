import type { Rounder } from './size-classes.ts';
import {
  dynamicStringBytes,
  EMBEDDED_LIMIT,
  type OverwrittenKey,
  type StringLayout,
  type ValueKind,
} from './string-layout.ts';

const HEADER_BYTES = 16;
const EXPIRY_BYTES = 8;
/** Names from this length on get an expiry slot in any case. */
const LONG_NAME = 128;
/** An embedded value: header of three bytes, terminator. */
const EMBEDDED_OVERHEAD = 4;

/** Where servers that keep key, value and expiry in one block differ. */
interface BlockRules {
  /** Bytes of the block before slot and name when the value is embedded; its pointer may be put to use. */
  readonly embeddedHeader: number;
  /** Whether a value is embedded, expiry slot asked for or not. */
  readonly embeds: (keyLength: number, valueLength: number, slotBytes: number) => boolean;
  /** Longest value that is embedded as an argument, without a key. */
  readonly longestEmbeddedArgument: number;
  /** Argument arrays are kept for the next commands: they count as the client's. */
  readonly keepsArgumentArrays: boolean;
  /** A block that replaces one with a TTL gets a slot even when the TTL is about to be dropped. */
  readonly slotPassesOn: boolean;
}

/**
 * Valkey 8.1: up to 64 bytes with an embedded value, the name counted as if its header were the short one. A block with
 * room to spare has an expiry slot from the start, so a TTL that comes later (that of SET EX comes later too) does not
 * push its value out.
 */
export function valkey81Layout(round: Rounder): StringLayout {
  const fits = (key: number, value: number, slot: number): boolean =>
    value <= EMBEDDED_LIMIT && HEADER_BYTES + slot + (key + 3) + (value + EMBEDDED_OVERHEAD) <= 64;
  return oneBlockLayout(round, {
    embeddedHeader: HEADER_BYTES,
    embeds: (key, value, slot) => {
      if (fits(key, value, slot)) return true;
      const block = HEADER_BYTES + nameBytes(key) + value + EMBEDDED_OVERHEAD;
      return fits(key, value, 0) && block + EXPIRY_BYTES <= round(block);
    },
    longestEmbeddedArgument: EMBEDDED_LIMIT,
    keepsArgumentArrays: false,
    slotPassesOn: true,
  });
}

/** Valkey 9.1: up to 128 bytes with an embedded value, which takes the place of the pointer to it. */
export function valkey91Layout(round: Rounder): StringLayout {
  const embeddedHeader = HEADER_BYTES - 8;
  return oneBlockLayout(round, {
    embeddedHeader,
    embeds: (key, value, slot) =>
      value <= 255 && embeddedHeader + slot + nameBytes(key) + value + EMBEDDED_OVERHEAD <= 128,
    longestEmbeddedArgument: 128 - embeddedHeader - EMBEDDED_OVERHEAD,
    keepsArgumentArrays: false,
    slotPassesOn: true,
  });
}

/** Redis 8.6: up to 64 bytes with an embedded value, an expiry slot not counted. */
export function redis86Layout(round: Rounder): StringLayout {
  return oneBlockLayout(round, {
    embeddedHeader: HEADER_BYTES,
    embeds: (key, value) =>
      value <= EMBEDDED_LIMIT && HEADER_BYTES + (key + 3) + (value + EMBEDDED_OVERHEAD) <= 64,
    longestEmbeddedArgument: EMBEDDED_LIMIT,
    keepsArgumentArrays: true,
    slotPassesOn: false,
  });
}

/** The name in the block: its string and one byte for the size of the string's header. */
function nameBytes(keyLength: number): number {
  return 1 + dynamicStringBytes(keyLength);
}

/**
 * Key, expiry and, when it is short, value in one block that the tables point at. The block is replaced or reused as
 * values come and go, and keeps a slot for an expiry it has once had.
 */
function oneBlockLayout(round: Rounder, rules: BlockRules): StringLayout {
  const { embeddedHeader, embeds, longestEmbeddedArgument, slotPassesOn } = rules;
  const { keepsArgumentArrays } = rules;
  const isEmbedded = (kind: ValueKind, key: number, value: number, hasSlot: boolean): boolean =>
    kind === 'string' && embeds(key, value, hasSlot ? EXPIRY_BYTES : 0);
  const argumentBytes = (length: number): number =>
    length <= longestEmbeddedArgument
      ? round(Math.max(HEADER_BYTES, embeddedHeader + length + EMBEDDED_OVERHEAD))
      : round(HEADER_BYTES) + round(dynamicStringBytes(length));
  /** A block with everything in it. */
  const blockWithValue = (keyLength: number, valueLength: number, slot: number): number => {
    const name = nameBytes(keyLength);
    const block = embeddedHeader + slot + name + valueLength + EMBEDDED_OVERHEAD;
    return Math.max(block, HEADER_BYTES + slot + name);
  };
  /** A block whose value, if it is a string, is a block of its own. */
  const blockWithout = (keyLength: number, slot: number): number =>
    HEADER_BYTES + (keyLength >= LONG_NAME ? EXPIRY_BYTES : slot) + nameBytes(keyLength);
  /**
   * A block without its value takes the new one's pointer over. But a new value that comes embedded in its argument is
   * copied into a block of the key's own first, which takes the old one's place even if it then holds a pointer.
   */
  const keepsBlocks = (key: OverwrittenKey): boolean => {
    const wasEmbedded = isEmbedded(key.oldValue, key.keyLength, key.oldLength, key.hasSlot);
    const comesEmbedded = key.newValue === 'string' && key.newLength <= longestEmbeddedArgument;
    return !wasEmbedded && !comesEmbedded;
  };
  return {
    entryBytes(keyLength, valueLength, value, hasExpirySlot) {
      const slot = hasExpirySlot ? EXPIRY_BYTES : 0;
      if (isEmbedded(value, keyLength, valueLength, hasExpirySlot)) {
        return round(blockWithValue(keyLength, valueLength, slot));
      }
      const block = round(blockWithout(keyLength, slot));
      return value === 'string' ? block + round(dynamicStringBytes(valueLength)) : block;
    },
    entryBlocks(keyLength, valueLength, value, hasExpirySlot) {
      const slot = hasExpirySlot ? EXPIRY_BYTES : 0;
      if (isEmbedded(value, keyLength, valueLength, hasExpirySlot)) {
        return { lasting: [], replaced: [blockWithValue(keyLength, valueLength, slot)] };
      }
      const replaced = value === 'string' ? [dynamicStringBytes(valueLength)] : [];
      return { lasting: [blockWithout(keyLength, slot)], replaced };
    },
    keepsBlocks,
    hasSlotAfterOverwrite: (key) =>
      keepsBlocks(key) ? key.hasSlot : key.hasTtl && (slotPassesOn || key.keepsTtl),
    slotGoesWithTtl: false,
    keyCopyBytes: (keyLength) => round(HEADER_BYTES + nameBytes(keyLength)),
    argumentBytes,
    argumentArrayBytes: (count) => (keepsArgumentArrays ? 0 : round(8 * count)),
  };
}
