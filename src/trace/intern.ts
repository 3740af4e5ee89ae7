import { mix32 } from '../random.ts';

const FIRST_KEYS = 1 << 12;
const FIRST_ARENA_BYTES = 1 << 16;

/**
 * Key name → dense id, in order of first appearance. Names stay bytes in one arena behind an open-addressing table:
 * no string per row, 20 bytes a key besides its name, and no limit at the 16.7 million entries of a Map.
 */
export class KeyInterner {
  private arena = Buffer.allocUnsafe(FIRST_ARENA_BYTES);
  /** Where a key's name starts in the arena; its end is the start of the next. */
  private starts = new Float64Array(FIRST_KEYS + 1);
  private hashes = new Uint32Array(FIRST_KEYS);
  /** id + 1, or 0 for a free slot; always at least half free. */
  private slots = new Uint32Array(FIRST_KEYS * 2);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The id of the key whose name is `bytes[start, end)`; a name not seen before gets the next id. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash = mix32(hash);

    const { slots, hashes } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      if (hashes[entry - 1] === hash && this.isName(entry - 1, bytes, start, end)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.add(hash, slot, bytes, start, end);
  }

  /** Bytes of the name of key `id`. */
  nameBytes(id: number): number {
    return this.starts[id + 1] - this.starts[id];
  }

  /** Every name, by id, decoded as UTF-8. */
  names(): string[] {
    return Array.from({ length: this.count }, (_, id) =>
      this.arena.toString('utf8', this.starts[id], this.starts[id + 1]),
    );
  }

  private isName(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { arena } = this;
    let own = this.starts[id];
    if (this.starts[id + 1] - own !== end - start) return false;
    for (let i = start; i < end; i++) if (arena[own++] !== bytes[i]) return false;
    return true;
  }

  private add(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const id = this.count++;
    const from = this.starts[id];
    const to = from + end - start;
    if (to > this.arena.length) this.growArena(to);
    this.arena.set(bytes.subarray(start, end), from);
    this.starts[id + 1] = to;
    this.hashes[id] = hash;
    this.slots[slot] = id + 1;
    if (this.count === this.hashes.length) this.growTable();
    return id;
  }

  private growArena(neededBytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(neededBytes, this.arena.length * 2));
    larger.set(this.arena);
    this.arena = larger;
  }

  private growTable(): void {
    const capacity = this.hashes.length * 2;
    const hashes = new Uint32Array(capacity);
    hashes.set(this.hashes);
    const starts = new Float64Array(capacity + 1);
    starts.set(this.starts);
    const slots = new Uint32Array(capacity * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.count; id++) {
      let slot = hashes[id] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.hashes = hashes;
    this.starts = starts;
    this.slots = slots;
  }
}
