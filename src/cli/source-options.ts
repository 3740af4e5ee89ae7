import type { Arguments } from './arguments.ts';
import type { Console } from './console.ts';
import type { SourceOptions } from './source.ts';
import { parseWholeNumber } from './whole-number.ts';

/** How sources become traces, as the options say. */
export function sourceOptions(args: Arguments, console: Console): SourceOptions {
  const number = (name: string, min: number, max: number): number | undefined => {
    const text = args.one(name);
    return text === undefined ? undefined : parseWholeNumber(text, `--${name}`, min, max);
  };
  const requests = number('requests', 1, 0xffff_fffe);
  const workloadSeed = number('workload-seed', 0, Number.MAX_SAFE_INTEGER);
  const keyBytes = number('key-bytes', 1, 512 * 1024 * 1024);
  const format = args.one('format');
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(workloadSeed === undefined ? {} : { workloadSeed }),
    ...(keyBytes === undefined ? {} : { keyBytes }),
    ...(format === undefined ? {} : { format }),
    warn: console.warn,
  };
}
