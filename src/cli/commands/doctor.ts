import type { Command } from '../command.ts';
import { DOCTOR_OPTIONS } from '../options.ts';

/** Says what will go wrong with a configuration, a running server and the machine under it. */
export const doctor: Command = {
  usage: 'doctor [target]',
  summary: 'what will go wrong with a redis.conf, a running server and the machine under it',
  build: (yargs) =>
    yargs
      .positional('target', {
        describe: 'redis.conf, redis://, rediss:// or unix://; without one, this machine only',
        type: 'string',
      })
      .options(DOCTOR_OPTIONS)
      .example('$0 doctor /etc/redis/redis.conf --container-memory 2gb', '')
      .example('$0 doctor redis://user:password@cache.example:6379', ''),
  async run(args, signal) {
    // A running server needs a client, which is half of all the code there is: nobody else waits for it.
    const { runDoctor } = await import('../run-doctor.ts');
    return runDoctor(args, signal);
  },
};
