import type { Command } from '../command.ts';
import { VERIFY_OPTIONS } from '../options.ts';

/** Replays a trace on a real server and on the engine, and shows both side by side. */
export const verify: Command = {
  usage: 'verify <source>',
  summary: 'the same trace on a real server and on the engine, side by side',
  build: (yargs) =>
    yargs
      .positional('source', {
        describe: 'built-in workload, workload file or trace file',
        type: 'string',
      })
      .options(VERIFY_OPTIONS)
      .example('$0 verify zipf-0.99 --server-bin redis-server --clock trace', '')
      .example('$0 verify my-trace.csv --url redis://user:password@cache.example:6379', ''),
  async run(args, signal) {
    // A real server needs a client, which is half of all the code there is: nobody else waits for it.
    const { runVerify } = await import('../run-verify.ts');
    return runVerify(args, signal);
  },
};
