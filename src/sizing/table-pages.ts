import type { TableRole } from '../keyspace/key-table.ts';
import type { CopyOnWrite } from '../memory/fork.ts';
import type { Rounder } from '../memory/size-classes.ts';
import { mix32 } from '../random.ts';
import type { ServerProfile } from '../servers/profile.ts';

/** A pointer in a table; chains and counters beside it share its page. */
export const POINTER_BYTES = 8;
/** A table's array is looked up again when the keys have grown by this much. */
const TABLE_SLACK = 1.05;
const TWO_POW_32 = 2 ** 32;
/** So that chains are drawn apart from words. */
const CHAIN_SALT = 0x5bd1e995;

/** The array of a hash table: what is written of it is one word of a key, wherever its hash says. */
export class TablePages {
  private readonly role: TableRole;
  private readonly profile: ServerProfile;
  private readonly round: Rounder;
  private readonly pages: CopyOnWrite;
  private readonly region: number;
  keys = 0;
  private sizedFor = 0;
  private bytes = POINTER_BYTES;

  constructor(role: TableRole, profile: ServerProfile, round: Rounder, pages: CopyOnWrite) {
    this.role = role;
    this.profile = profile;
    this.round = round;
    this.pages = pages;
    this.region = pages.region();
  }

  add(id: number): void {
    this.keys++;
    if (this.keys > this.sizedFor) {
      this.sizedFor = Math.ceil(this.keys * TABLE_SLACK);
      this.bytes = this.profile.tableBytes(this.role, this.keys, this.round);
    }
    this.write(id);
  }

  /** Whether a key is the first of its chain, as one in a table this full is likely to be. */
  isHead(id: number): boolean {
    const load = (this.keys * POINTER_BYTES) / this.bytes;
    return mix32(id ^ CHAIN_SALT) / TWO_POW_32 < (1 - Math.exp(-load)) / load;
  }

  write(id: number): void {
    const words = Math.floor(this.bytes / POINTER_BYTES);
    const word = Math.floor((mix32(id) / TWO_POW_32) * words);
    this.pages.write(this.region, word * POINTER_BYTES, POINTER_BYTES, 0);
  }
}
