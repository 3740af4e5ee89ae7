#!/usr/bin/env node
import { UsageError } from '../errors.ts';
import { ServerFailure } from '../live/server-failure.ts';
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE } from './exit-codes.ts';
import { runProgram } from './program.ts';

/** Ctrl-C, `kill`, and a terminal that was closed: a server that we started must not outlive any. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command line and answers with its exit code. The only place that knows of arguments, codes and signals. */
async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    // The second time at once: whoever presses Ctrl-C twice means it.
    if (interrupt.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interrupt.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  try {
    return await runProgram(argv, interrupt.signal);
  } catch (error) {
    if (error instanceof UsageError || error instanceof ServerFailure) {
      process.stderr.write(`evictlab: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
      return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`evictlab: bug, please report it: ${stack}\n`);
    return EXIT_FAILED;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}

// A reader that has seen enough (`| head`) closes the pipe: nothing to complain about.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`evictlab: stdout: ${error.message}.\n`);
  process.exit(EXIT_FAILED);
});
process.exitCode = await main(process.argv.slice(2));
