import { diagnose } from '../doctor/diagnose.ts';
import { type Facts, headroomOf, infoNumber, maxmemoryOf } from '../doctor/facts.ts';
import { type Report, reportText } from '../doctor/report.ts';
import { UsageError } from '../errors.ts';
import type { Headroom } from '../sizing/headroom.ts';
import { type PlatformSetting, platformSettings } from '../sizing/platforms.ts';
import type { Arguments } from './arguments.ts';
import { type Console, processConsole, wantsColor } from './console.ts';
import { factsOfFile, factsOfMachine, factsOfServer, isAddress } from './doctor-facts.ts';
import { trafficOf } from './doctor-traffic.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './exit-codes.ts';

/** Says what will go wrong with a configuration, a running server and the machine under it. */
export async function runDoctor(args: Arguments, signal: AbortSignal): Promise<number> {
  const console = processConsole(false);
  const { subject, facts: known } = await examined(args, console);
  const traffic = await trafficOf(known, args, console, signal);
  if (signal.aborted) {
    console.warn('interrupted.');
    return EXIT_INTERRUPTED;
  }
  const facts = { ...known, traffic };
  const headroom = headroomOf(facts);
  const report: Report = {
    subject,
    host: facts.host,
    findings: diagnose(facts),
    headroom,
    snapshot: facts.traffic?.snapshot,
    platforms: args.flag('platforms') ? platformsOf(facts, headroom) : [],
  };
  const color = wantsColor(args.flag('color'), args.flag('no-color'));
  console.print(
    args.flag('json') ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, color),
  );
  const isSerious = report.findings.some(({ severity }) => severity === 'serious');
  return isSerious ? EXIT_FAILED : EXIT_DONE;
}

function examined(args: Arguments, console: Console): Promise<{ subject: string; facts: Facts }> {
  const target = args.one('target');
  if (target === undefined) return factsOfMachine(args);
  return isAddress(target)
    ? factsOfServer(target, args, console)
    : factsOfFile(target, args, console);
}

function platformsOf(facts: Facts, headroom: Headroom | undefined): PlatformSetting[] {
  if (headroom === undefined) {
    throw new UsageError(
      '--platforms: how much RAM to provide follows from a maxmemory; name a target that has one.',
    );
  }
  return platformSettings({
    maxmemoryBytes: maxmemoryOf(facts),
    headroom,
    replicas: infoNumber(facts, 'connected_slaves'),
  });
}
