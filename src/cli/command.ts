import type { Argv } from 'yargs';
import type { Arguments } from './arguments.ts';

/** A verb of the command line: one file in commands/, one line in main.ts. */
export interface Command {
  /** As yargs takes it: `run [source..]`. */
  readonly usage: string;
  readonly summary: string;
  build(yargs: Argv): Argv;
  /** Answers with the exit code; throws UsageError for the user's mistakes. */
  run(args: Arguments, signal: AbortSignal): Promise<number>;
}
