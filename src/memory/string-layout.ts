import type { Rounder } from './size-classes.ts';

/** Longest string that lives inside its object's own block (all dictionary servers). */
export const EMBEDDED_LIMIT = 44;
const OBJECT_BYTES = 16;
/** Key, value, next. */
const DICTIONARY_ENTRY_BYTES = 24;

/** Bytes requested for a dynamic string of `length` bytes in a block of its own: header, content, terminator. */
export function dynamicStringBytes(length: number): number {
  const header = length < 32 ? 1 : length < 256 ? 3 : length < 65_536 ? 5 : 9;
  return header + length + 1;
}

/**
 * How a server stores string keys: bytes of everything but the hash tables' arrays. One implementation per family of
 * versions; all lengths in bytes.
 */
export interface StringLayout {
  /** A resident key and its value; with `hasExpirySlot` what holds its expiry as well. */
  entryBytes(
    keyLength: number,
    valueLength: number,
    value: ValueKind,
    hasExpirySlot: boolean,
  ): number;
  /** The same as the blocks it is made of, in bytes requested of the allocator. */
  entryBlocks(
    keyLength: number,
    valueLength: number,
    value: ValueKind,
    hasExpirySlot: boolean,
  ): EntryBlocks;
  /** Whether the lasting blocks of a key whose value is overwritten stay where they are; else the key moves. */
  keepsBlocks(key: OverwrittenKey): boolean;
  /** Whether a key whose value is overwritten has an expiry slot afterwards, before the command sets or drops a TTL. */
  hasSlotAfterOverwrite(key: OverwrittenKey): boolean;
  /** Whether the slot goes when a key's TTL does. */
  readonly slotGoesWithTtl: boolean;
  /** The copy of the key's name that is made before the table is asked to grow; 0 if it is made afterwards. */
  keyCopyBytes(keyLength: number): number;
  /** An argument of the running command. */
  argumentBytes(length: number): number;
  /** The argument array of a command of `count` arguments. */
  argumentArrayBytes(count: number): number;
}

/** What is allocated for a resident key. */
export interface EntryBlocks {
  /**
   * Blocks that a write over the value leaves where they are if `keepsBlocks` says so; the first holds the pointer to the
   * value. Without any, the hash table does.
   */
  readonly lasting: readonly number[];
  /** Blocks that a write over the value replaces. */
  readonly replaced: readonly number[];
}

/** `sharedInteger` values live in the server's own pool. */
export type ValueKind = 'string' | 'integer' | 'sharedInteger';

/** A key before and after a write over its value. */
export interface OverwrittenKey {
  keyLength: number;
  oldValue: ValueKind;
  oldLength: number;
  newValue: ValueKind;
  newLength: number;
  hasSlot: boolean;
  hasTtl: boolean;
  keepsTtl: boolean;
}

/** Where versions with dictionary entries of three words differ. */
export interface DictionaryEntryRules {
  /** The name is copied before the table grows. */
  readonly copiesKeyFirst: boolean;
  /** A client keeps its argument array between commands (Redis pull request 13521), so it is no part of a command. */
  readonly keepsArgumentArrays: boolean;
}

/**
 * Redis 5.0 to 8.0 and Valkey 7.2: key string, dictionary entry of three words, value object; a TTL is an entry in a
 * second dictionary that shares the key string.
 */
export function dictionaryEntryLayout(round: Rounder, rules: DictionaryEntryRules): StringLayout {
  const dictionaryEntry = round(DICTIONARY_ENTRY_BYTES);
  const keyBytes = (length: number): number => round(dynamicStringBytes(length));
  const layout = separateValues(
    round,
    (length) => keyBytes(length) + dictionaryEntry,
    (length) => [DICTIONARY_ENTRY_BYTES, dynamicStringBytes(length)],
  );
  return {
    ...layout,
    keyCopyBytes: rules.copiesKeyFirst ? keyBytes : () => 0,
    argumentArrayBytes: rules.keepsArgumentArrays ? () => 0 : layout.argumentArrayBytes,
  };
}

/**
 * Valkey 8.0: as before, but the name is part of the dictionary entry: two words, one byte, and the string with the
 * header it came with, which is never the shortest.
 */
export function embeddedKeyLayout(round: Rounder): StringLayout {
  const entry = (length: number): number =>
    17 + Math.max(dynamicStringBytes(length), 3 + length + 1);
  return {
    ...separateValues(
      round,
      (length) => round(entry(length)),
      (length) => [entry(length)],
    ),
    keyCopyBytes: () => 0,
  };
}

/** What the dictionary servers have in common: values are objects of their own, TTLs entries in a second dictionary. */
function separateValues(
  round: Rounder,
  keyAndEntryBytes: (keyLength: number) => number,
  keyAndEntryBlocks: (keyLength: number) => readonly number[],
): Omit<StringLayout, 'keyCopyBytes'> {
  const object = round(OBJECT_BYTES);
  const ttl = round(DICTIONARY_ENTRY_BYTES);
  const stringObject = (length: number): number =>
    length <= EMBEDDED_LIMIT
      ? round(OBJECT_BYTES + 3 + length + 1)
      : object + round(dynamicStringBytes(length));
  return {
    entryBytes(keyLength, valueLength, value, hasExpirySlot) {
      const overhead = keyAndEntryBytes(keyLength) + (hasExpirySlot ? ttl : 0);
      if (value === 'sharedInteger') return overhead;
      return overhead + (value === 'integer' ? object : stringObject(valueLength));
    },
    entryBlocks(keyLength, valueLength, value, hasExpirySlot) {
      const own = keyAndEntryBlocks(keyLength);
      const lasting = hasExpirySlot ? [...own, DICTIONARY_ENTRY_BYTES] : own;
      return { lasting, replaced: stringBlocks(valueLength, value) };
    },
    keepsBlocks: () => true,
    hasSlotAfterOverwrite: ({ hasTtl }) => hasTtl,
    slotGoesWithTtl: true,
    argumentBytes: stringObject,
    argumentArrayBytes: (count) => round(8 * count),
  };
}

/** A value object of its own, with its string if that is not embedded. */
function stringBlocks(length: number, value: ValueKind): readonly number[] {
  if (value === 'sharedInteger') return [];
  if (value === 'integer') return [OBJECT_BYTES];
  return length <= EMBEDDED_LIMIT
    ? [OBJECT_BYTES + 3 + length + 1]
    : [OBJECT_BYTES, dynamicStringBytes(length)];
}
