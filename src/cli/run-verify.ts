import { checkWritable, writeAtomically } from '../atomic-file.ts';
import type { Replayed } from '../live/measure.ts';
import { verify as verifyOn, type Verified } from '../live/verify.ts';
import { compareRuns } from '../metrics/comparison.ts';
import { isConfirmed, VERIFICATION_REPORTS, type Verification } from '../report/verification.ts';
import { serverNamed } from '../servers/registry.ts';
import type { Trace } from '../trace/trace.ts';
import type { Arguments } from './arguments.ts';
import { processConsole, wantsColor, type Console } from './console.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './exit-codes.ts';
import { jobsOf } from './jobs.ts';
import { defaultResultsFile, outputOf, type Output } from './output.ts';
import { showProgress } from './progress.ts';
import { readRedisConf, type Directive } from './redis-conf.ts';
import { sourceOptions } from './source-options.ts';
import { traceOf } from './source.ts';
import { cellsFor, directivesOf, verifySweepOf, withKeyPrefix } from './verify-cells.ts';
import { openTarget, whereOf, withServerFolder, type Target, type Where } from './verify-target.ts';
import { parseWholeNumber } from './whole-number.ts';

/** Replays a trace on a real server and on the engine, and shows both side by side. */
export async function runVerify(args: Arguments, signal: AbortSignal): Promise<number> {
  const console = processConsole(args.flag('quiet'));
  const request = await requestOf(args, console);
  try {
    const trace = await traceOf(request.source, sourceOptions(args, console));
    return await withServerFolder((folder) => verifyTrace(trace, request, folder, args, signal));
  } catch (error) {
    // What was under way when Ctrl-C came ends with an error of its own.
    if (!signal.aborted) throw error;
    console.warn('interrupted: nothing was compared.');
    return EXIT_INTERRUPTED;
  }
}

/** The command line, as far as it can be read without a server. */
interface Request {
  readonly source: string;
  readonly where: Where;
  readonly conf: ReadonlyMap<string, Directive>;
  readonly output: Output;
  readonly serverRepeats: number;
  readonly lanes: number;
  readonly console: Console;
}

async function requestOf(args: Arguments, console: Console): Promise<Request> {
  const source = args.one('source')!;
  const where = whereOf(args);
  const confFile = args.one('redis-conf');
  const conf = confFile === undefined ? new Map() : await readRedisConf(confFile, console.warn);
  verifySweepOf(args, conf);
  const output = outputOf(args, defaultResultsFile('verify', [source]));
  if (output.file !== undefined) await checkWritable(output.file.path);
  return {
    source,
    where,
    conf,
    output,
    serverRepeats: parseWholeNumber(args.one('server-repeat') ?? '1', '--server-repeat', 1, 1000),
    // A server that is there, and a port, can only take one replay at a time.
    lanes: where.kind === 'named' || where.port !== undefined ? 1 : jobsOf(args),
    console,
  };
}

async function verifyTrace(
  trace: Trace,
  request: Request,
  folder: string,
  args: Arguments,
  signal: AbortSignal,
): Promise<number> {
  const { where, conf, serverRepeats, lanes, console } = request;
  const { epochSeconds, pipeline } = verifySweepOf(args, conf).settings;
  const keyPrefix = where.kind === 'named' ? where.keyPrefix : '';
  const allowsOthers = args.flag('allow-nonempty');
  const replayed: Replayed = { trace, keyPrefix, allowsOthers, pipeline, warn: console.warn };
  const target = await openTarget(where, replayed, { epochSeconds, folder, signal });
  const { source, inspection } = target;
  const found = where.kind === 'named' ? directivesOf(inspection.config, source.name) : [];
  const sweep = verifySweepOf(args, new Map([...found, ...conf]));
  const prefixed = withKeyPrefix(trace, keyPrefix);
  const cells = cellsFor(prefixed, sweep, args, inspection);
  console.note(announcement(target, replayed, cells.length * serverRepeats, lanes));
  const showsProgress = !args.flag('quiet') && !args.flag('no-progress');
  const progress = showProgress(cells.length, 'policies', showsProgress);
  let verified: Verified[];
  try {
    verified = await verifyOn({
      source,
      replayed,
      profile: serverNamed(cells[0][0].server),
      trace: prefixed,
      cells,
      serverRepeats,
      lanes,
      signal,
      onDone: () => {
        progress.advance();
      },
    });
  } finally {
    progress.stop();
  }
  const verifications = verified.map((one) => verificationOf(one, target, trace.rows));
  await report(verifications, request, args);
  if (signal.aborted) {
    console.warn(`interrupted: ${verified.length} of ${cells.length} policies finished.`);
    return EXIT_INTERRUPTED;
  }
  return verifications.every(isConfirmed) ? EXIT_DONE : EXIT_FAILED;
}

function verificationOf(verified: Verified, target: Target, requests: number): Verification {
  const { flavour, version } = target.inspection.identity;
  const { cell, serverRuns, engineRuns } = verified;
  const figures = compareRuns(serverRuns, engineRuns);
  return { server: `${flavour} ${version}`, clock: target.clock, requests, cell, figures };
}

/** What is about to happen, in one line: what a server is and what will be written to it, or how long it takes. */
function announcement(
  { source, inspection, clock }: Target,
  { trace, keyPrefix }: Replayed,
  replays: number,
  lanes: number,
): string {
  const { flavour, version, memAllocator, allocator, profile } = inspection.identity;
  const is = `${source.name} is ${flavour} ${version} with ${memAllocator} (${allocator}): profile ${profile.name}.`;
  const traceSeconds = (trace.times[trace.rows - 1] * trace.tickMs) / 1000;
  const seconds = Math.ceil(traceSeconds * Math.ceil(replays / lanes));
  const inRealTime =
    clock === 'real' ? ` ${replays} replays in real time, about ${seconds} s.` : '';
  if (source.isOwn) return `${is}${inRealTime}`;
  return (
    `${is} Writing up to ${trace.keyCount} keys that start with "${keyPrefix}", and CONFIG maxmemory, ` +
    `maxmemory-policy and what else the options say; both are put back afterwards.${inRealTime}`
  );
}

async function report(
  verifications: readonly Verification[],
  { output, console }: Request,
  args: Arguments,
): Promise<void> {
  if (verifications.length === 0) return;
  const color = wantsColor(args.flag('color'), args.flag('no-color'));
  const text = (name: string, colored: boolean): string =>
    VERIFICATION_REPORTS[name](verifications, colored);
  const { file, stdout } = output;
  if (file !== undefined) await writeAtomically(file.path, [text(file.report.name, false)]);
  for (const shown of stdout) console.print(text(shown.name, color));
  if (file !== undefined) console.note(`Wrote ${file.path}.`);
}
