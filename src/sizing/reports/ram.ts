import Table from 'cli-table3';
import { indented, PLAIN_TABLE } from '../../report/plain-table.ts';
import { formatBytes } from '../../units.ts';
import type { SnapshotCosts } from '../copy-on-write.ts';
import type { Headroom } from '../headroom.ts';
import { type PlatformSetting, valuesYaml } from '../platforms.ts';
import type { RamToProvide } from '../ram.ts';

/** The parts of the RAM to provide, and what a save costs where that is known. */
export function ramTexts({ headroom, snapshot }: RamToProvide): string[] {
  return [headroomText(headroom), ...(snapshot === undefined ? [] : [snapshotText(snapshot)])];
}

/** The same as settings of platforms; nothing where nobody asked. */
export function platformTexts({ headroom, platforms }: RamToProvide): string[] {
  if (platforms.length === 0) return [];
  return [platformsTable(platforms), `values.yaml\n\n${valuesYaml(headroom).trimEnd()}`];
}

function headroomText({ parts, totalBytes }: Headroom): string {
  const rows = new Table({
    ...PLAIN_TABLE,
    colAligns: ['left', 'right', 'left'],
    wordWrap: true,
    colWidths: [null, null, REASON_CHARS],
  });
  for (const { name, bytes, reason } of parts) rows.push([name, formatBytes(bytes), reason]);
  return `RAM to provide for a full server: ${formatBytes(totalBytes)}\n${indented(rows)}`;
}
const REASON_CHARS = 66;

function snapshotText(costs: SnapshotCosts): string {
  const { typicalBytes, worstBytes, children, lifeMs, coverage } = costs;
  const seconds = (lifeMs / 1000).toPrecision(3);
  const copies = `${formatBytes(Math.round(typicalBytes))} typically, ${formatBytes(Math.round(worstBytes))} at worst`;
  return coverage < 1
    ? `A save of a full server takes ${seconds} s, of which the workload has ${(100 * coverage).toPrecision(2)} %; in ` +
        `proportion it copies up to ${formatBytes(Math.round(worstBytes))}. A longer trace says more.`
    : `A save of a full server takes ${seconds} s and copies ${copies} (${children} in a row).`;
}

function platformsTable(platforms: readonly PlatformSetting[]): string {
  const rows = new Table({ ...PLAIN_TABLE, wordWrap: true, colWidths: [null, null, NOTE_CHARS] });
  for (const { platform, settings, note } of platforms) {
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
    rows.push([platform, lines.join('\n'), note]);
  }
  return `The same as settings\n${indented(rows)}`;
}
const NOTE_CHARS = 40;
