import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { UsageError } from '../errors.ts';
import { nearestName } from '../nearest.ts';
import { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import { bench } from './commands/bench.ts';
import { doctor } from './commands/doctor.ts';
import { list } from './commands/list.ts';
import { run } from './commands/run.ts';
import { showcase } from './commands/showcase.ts';
import { size } from './commands/size.ts';
import { verify } from './commands/verify.ts';
import { EXIT_DONE } from './exit-codes.ts';
import { withJoinedNegatives } from './negative-values.ts';
import { OPTION_NAMES } from './options.ts';

/** Every verb. */
const COMMANDS: readonly Command[] = [run, size, verify, bench, doctor, list, showcase];

/** Parses a command line, runs its command and answers with the exit code. Throws UsageError. */
export async function runProgram(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let exitCode = EXIT_DONE;
  const cli = parser((command) => async (parsed) => {
    exitCode = await command.run(new Arguments(parsed), signal);
  });
  await cli.parseAsync(withJoinedNegatives(argv));
  return exitCode;
}

type Handler = (parsed: Record<string, unknown>) => Promise<void>;

function parser(handlerOf: (command: Command) => Handler): Argv {
  const cli = yargs()
    .scriptName('evictlab')
    .usage(
      'Which maxmemory-policy suits a workload, as the real server would answer.\n\n$0 <command>',
    )
    .parserConfiguration({
      'greedy-arrays': false,
      'boolean-negation': false,
      'parse-numbers': false,
    })
    .locale('en')
    .wrap(100)
    .strict()
    .exitProcess(false)
    .demandCommand(1, 'Say what to do, for example: evictlab run zipf-0.99. More: evictlab --help')
    .version(packageVersion())
    .alias('help', 'h')
    .fail((message, error: Error | undefined) => {
      // YError is what yargs itself throws for a command line it can't read.
      if (error?.name === 'YError') throw new UsageError(`${error.message}.`);
      throw error ?? new UsageError(explained(message));
    });
  for (const command of COMMANDS) {
    cli.command(command.usage, command.summary, (y) => command.build(y), handlerOf(command));
  }
  return cli;
}

/** yargs' message, with the nearest option or command for one it doesn't know. */
function explained(message: string): string {
  const unknown = /^Unknown (?:arguments?|commands?): (.+)$/.exec(message);
  if (unknown === null) return message.replaceAll(/\s*\n\s*/g, ' ');
  const name = unknown[1].split(', ')[0];
  if (OPTION_NAMES.includes(name)) {
    return `${message}: other commands have an option of that name, this one has not. See its --help.`;
  }
  const commands = COMMANDS.map((command) => command.usage.split(' ')[0]);
  const near = nearestName(
    name,
    // An unknown command is an unknown argument to yargs; of two equally near names it is the likelier.
    message.includes('command') ? commands : [...commands, ...OPTION_NAMES],
  );
  if (near === undefined) return `${message}. See: evictlab --help`;
  return `${message}. Did you mean "${commands.includes(near) ? near : `--${near}`}"?`;
}

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
