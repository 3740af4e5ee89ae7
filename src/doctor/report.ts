import Table from 'cli-table3';
import { styleText } from 'node:util';
import { indented, PLAIN_TABLE } from '../report/plain-table.ts';
import type { Headroom } from '../sizing/headroom.ts';
import type { PlatformSetting } from '../sizing/platforms.ts';
import type { RamToProvide } from '../sizing/ram.ts';
import { platformTexts, ramTexts } from '../sizing/reports/ram.ts';
import type { SnapshotCosts } from '../sizing/copy-on-write.ts';
import type { Host } from '../sizing/host.ts';
import { formatBytes } from '../units.ts';
import { type Finding, SEVERITIES, type Severity } from './rule.ts';

/** What a doctor has to say. */
export interface Report {
  /** What was looked at. */
  readonly subject: string;
  readonly host: Host | undefined;
  readonly findings: readonly Finding[];
  /** Undefined without a limit. */
  readonly headroom: Headroom | undefined;
  /** What a simulation of the user's traffic gave. */
  readonly snapshot: SnapshotCosts | undefined;
  /** Empty unless asked for. */
  readonly platforms: readonly PlatformSetting[];
}

type Format = Parameters<typeof styleText>[0];
const STYLES: Readonly<Record<Severity, Format>> = {
  serious: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  note: ['bold', 'cyan'],
};
const LABEL_CHARS = 5;
const TEXT_CHARS = 92;

/** For people. */
export function reportText(report: Report, color: boolean): string {
  const style = (format: Format, text: string): string =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const findings = report.findings.map((found) => findingText(found, style));
  const { headroom, snapshot, platforms } = report;
  const parts = [
    subjectText(report),
    ...findings,
    ...(headroom === undefined ? [] : ramAndPlatforms({ headroom, snapshot, platforms })),
    summary(report.findings),
  ];
  return `${parts.join('\n\n')}\n`;
}

const ramAndPlatforms = (ram: RamToProvide): string[] => [...ramTexts(ram), ...platformTexts(ram)];

function subjectText({ subject, host }: Report): string {
  if (host === undefined) return `${subject}; nothing is known of its machine`;
  const { container, kernel, overcommitMemory, transparentHugePages } = host;
  const facts = [
    `RAM ${formatBytes(host.ramBytes)}`,
    host.swapBytes === 0 ? 'no swap' : `swap ${formatBytes(host.swapBytes)}`,
    ...(container === undefined ? [] : [`container limit ${formatBytes(container.bytes)}`]),
    `vm.overcommit_memory ${overcommitMemory}`,
    ...(transparentHugePages === undefined ? [] : [`huge pages ${transparentHugePages}`]),
    ...(kernel === '' ? [] : [`Linux ${kernel}`]),
  ];
  return `${subject}\n${facts.join(', ')}`;
}

function findingText(found: Finding, style: (format: Format, text: string) => string): string {
  const title = `${style(STYLES[found.severity], found.severity.toUpperCase())}  ${found.problem}  [${found.rule}]`;
  const rows = aligned();
  for (const [i, seen] of found.evidence.entries()) rows.push([i === 0 ? 'seen' : '', seen]);
  rows.push(['why', found.reason], ['do', found.fix]);
  return `${title}\n${indented(rows)}`;
}

function summary(findings: readonly Finding[]): string {
  const counts = SEVERITIES.map((severity) => {
    const count = findings.filter((found) => found.severity === severity).length;
    return `${count} ${severity}${severity === 'serious' || count === 1 ? '' : 's'}`;
  });
  return `${counts.join(', ')}.`;
}

function aligned(): Table.Table {
  return new Table({ ...PLAIN_TABLE, wordWrap: true, colWidths: [LABEL_CHARS, TEXT_CHARS] });
}
