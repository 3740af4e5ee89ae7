// What the host does for the kernel (src/keyspace/kernel.ts): whatever is asked once per kind of thing rather than per key.

/** What the allocator takes for that many bytes. */
export declare function round(bytes: f64): f64;

/** Throws: the memory that a kernel may have is used up. */
export declare function outOfMemory(): void;

/** Throws: a key is not where it must be. */
export declare function notInTable(slot: i32): void;

/** Throws: nobody knows that operation. */
export declare function unknownOperation(row: i32): void;

/** Bytes of a resident key; `value` and `flags` as its record holds them. */
export declare function entryBytesOf(id: i32, value: i32, flags: i32): i32;

/** The EXPIRY_SLOT flag, or 0, of a key that is given a new value: old and new as records hold them. */
export declare function slotAfterOverwrite(
  id: i32,
  oldValue: i32,
  oldFlags: i32,
  value: i32,
  flags: i32,
  keepsTtl: bool,
): i32;

/** Bytes of an argument, and of the copy of a key's name, too long for the tables. */
export declare function longArgumentBytes(length: f64): f64;

export declare function longKeyCopyBytes(length: f64): f64;

/** Bytes of the records of so many commands that wait parsed. */
export declare function recordBytes(waiting: i32): f64;

/** The replies exceed the buffer by `overflow` bytes: it gets another block. */
export declare function addReplyBlock(overflow: f64): void;

/** The replies are sent: the buffer goes back to itself alone. */
export declare function dropReplyBlocks(): void;

// A policy of the host's (src/policies/policy.ts).

export declare function hostOnHit(slot: i32): void;

/** Tells it of the first `count` of `hitSlots`; false if it wants to hear of them one by one. */
export declare function hostOnHits(count: i32): bool;

export declare function hostOnInsert(slot: i32): void;

export declare function hostOnModify(slot: i32): void;

export declare function hostOnRemove(slot: i32, reason: i32): void;

export declare function hostChooseVictim(): i32;

export declare function hostHasVictims(): bool;

/** The first `count` keys of `found` have been scored. */
export declare function hostOnScored(count: i32): void;
