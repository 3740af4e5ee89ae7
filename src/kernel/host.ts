// What the host does for the kernel (src/keyspace/kernel.ts): whatever is asked once per kind of thing rather than per key.

/** What the allocator takes for that many bytes. */
// @ts-expect-error: of the host.
@external('env', 'round')
export declare function round(bytes: f64): f64;

/** Throws: the memory that a kernel may have is used up. */
// @ts-expect-error: of the host.
@external('env', 'outOfMemory')
export declare function outOfMemory(): void;

/** Throws: a key is not where it must be. */
// @ts-expect-error: of the host.
@external('env', 'notInTable')
export declare function notInTable(slot: i32): void;

/** Throws: nobody knows that operation. */
// @ts-expect-error: of the host.
@external('env', 'unknownOperation')
export declare function unknownOperation(row: i32): void;

/** Bytes of a resident key; `value` and `flags` as its record holds them. */
// @ts-expect-error: of the host.
@external('env', 'entryBytes')
export declare function entryBytesOf(id: i32, value: i32, flags: i32): i32;

/** The EXPIRY_SLOT flag, or 0, of a key that is given a new value: old and new as records hold them. */
// @ts-expect-error: of the host.
@external('env', 'slotAfterOverwrite')
export declare function slotAfterOverwrite(
  id: i32,
  oldValue: i32,
  oldFlags: i32,
  value: i32,
  flags: i32,
  keepsTtl: bool,
): i32;

/** Bytes of an argument, and of the copy of a key's name, too long for the tables. */
// @ts-expect-error: of the host.
@external('env', 'longArgumentBytes')
export declare function longArgumentBytes(length: f64): f64;

// @ts-expect-error: of the host.
@external('env', 'longKeyCopyBytes')
export declare function longKeyCopyBytes(length: f64): f64;

/** Bytes of the records of so many commands that wait parsed. */
// @ts-expect-error: of the host.
@external('env', 'recordBytes')
export declare function recordBytes(waiting: i32): f64;

/** The replies exceed the buffer by `overflow` bytes: it gets another block. */
// @ts-expect-error: of the host.
@external('env', 'addReplyBlock')
export declare function addReplyBlock(overflow: f64): void;

// A policy of the host's (src/policies/policy.ts).

// @ts-expect-error: of the host.
@external('env', 'onHit')
export declare function hostOnHit(slot: i32): void;

/** Tells it of the first `count` of `hitSlots`; false if it wants to hear of them one by one. */
// @ts-expect-error: of the host.
@external('env', 'onHits')
export declare function hostOnHits(count: i32): bool;

// @ts-expect-error: of the host.
@external('env', 'onInsert')
export declare function hostOnInsert(slot: i32): void;

// @ts-expect-error: of the host.
@external('env', 'onModify')
export declare function hostOnModify(slot: i32): void;

// @ts-expect-error: of the host.
@external('env', 'onRemove')
export declare function hostOnRemove(slot: i32, reason: i32): void;

// @ts-expect-error: of the host.
@external('env', 'chooseVictim')
export declare function hostChooseVictim(): i32;

// @ts-expect-error: of the host.
@external('env', 'hasVictims')
export declare function hostHasVictims(): bool;

/** The first `count` keys of `found` have been scored. */
// @ts-expect-error: of the host.
@external('env', 'onScored')
export declare function hostOnScored(count: i32): void;
