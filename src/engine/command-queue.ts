import type { MemoryAccount } from '../memory/account.ts';
import type { Rounder } from '../memory/size-classes.ts';
import type { ServerProfile } from '../servers/profile.ts';

/**
 * Commands of the client that the server has parsed ahead of their turn (Valkey 9.1, Redis 8.6): their arguments are
 * used memory from then on, and so are the records of those that wait, until the batch ends. Stays empty on servers
 * that parse each command when its turn comes. Measured; docs/model.md.
 */
export class CommandQueue {
  /** Commands that are parsed at a time; 0 = each when its turn comes. */
  readonly window: number;
  private readonly rules: ServerProfile['parseAhead'];
  private readonly account: MemoryAccount;
  private readonly round: Rounder;
  private commands = 0;
  private recordBytes = 0;

  constructor(rules: ServerProfile['parseAhead'], account: MemoryAccount, round: Rounder) {
    this.window = rules?.window ?? 0;
    this.rules = rules;
    this.account = account;
    this.round = round;
  }

  /** So many commands, with arguments of so many bytes, have been parsed. */
  add(commands: number, argumentBytes: number): void {
    this.commands += commands;
    // The command that runs next is not among those that wait.
    const bytes = this.bytesFor(this.commands - 1);
    this.account.used += argumentBytes + bytes - this.recordBytes;
    this.recordBytes = bytes;
  }

  /** The first command's turn has come: from here on its caller accounts for its arguments. */
  take(argumentBytes: number): void {
    if (this.commands > 0) this.takeAll(1, argumentBytes);
  }

  /** The turn of the first `commands`, whose arguments have `argumentBytes`, has come. */
  takeAll(commands: number, argumentBytes: number): void {
    this.commands -= commands;
    this.account.used -= argumentBytes;
  }

  /** The batch is over. */
  end(): void {
    this.account.used -= this.recordBytes;
    this.recordBytes = 0;
  }

  private bytesFor(waiting: number): number {
    const { rules } = this;
    if (rules === undefined || rules.recordBytes === 0 || waiting === 0) return 0;
    let records = rules.firstRecords;
    while (records < waiting) records *= 2;
    return this.round(records * rules.recordBytes);
  }
}
