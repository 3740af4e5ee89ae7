#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { UsageError } from '../errors.ts';
import { nearestName } from '../nearest.ts';
import { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import { list } from './commands/list.ts';
import { run } from './commands/run.ts';
import { showcase } from './commands/showcase.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes.ts';
import { OPTION_NAMES } from './options.ts';
import { withJoinedNegatives } from './negative-values.ts';

/** Every verb. */
const COMMANDS: readonly Command[] = [run, list, showcase];

/** Runs a command line and answers with its exit code. The only place that looks at arguments, codes and signals. */
async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // The second time at once: whoever presses Ctrl-C twice means it.
    if (interrupt.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interrupt.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    let exitCode = EXIT_DONE;
    const cli = program((command) => async (parsed) => {
      exitCode = await command.run(new Arguments(parsed), interrupt.signal);
    });
    await cli.parseAsync(withJoinedNegatives(argv));
    return exitCode;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`evictlab: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
      return EXIT_USAGE;
    }
    process.stderr.write(`evictlab: bug, please report it: ${stackOf(error)}\n`);
    return EXIT_FAILED;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

type Handler = (parsed: Record<string, unknown>) => Promise<void>;

function program(handlerOf: (command: Command) => Handler): Argv {
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
    .fail((message, error) => {
      // YError is what yargs itself throws for a command line it can't read.
      if ((error as Error | undefined)?.name === 'YError')
        throw new UsageError(`${error.message}.`);
      throw (error as Error | undefined) ?? new UsageError(explained(message));
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
  const commands = COMMANDS.map((command) => command.usage.split(' ')[0]);
  const near = nearestName(
    name,
    message.includes('command') ? commands : [...OPTION_NAMES, ...commands],
  );
  if (near === undefined) return `${message}. See: evictlab --help`;
  return `${message}. Did you mean "${commands.includes(near) ? near : `--${near}`}"?`;
}

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// A reader that has seen enough (`| head`) closes the pipe: nothing to complain about.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
