import Table from 'cli-table3';
import { UsageError } from '../../errors.ts';
import { unknownName } from '../../nearest.ts';
import { POLICIES } from '../../policies/registry.ts';
import { PLAIN_TABLE } from '../../report/plain-table.ts';
import { SERVER_ALIASES } from '../../servers/aliases.ts';
import { findServer } from '../../servers/find-server.ts';
import { SERVERS } from '../../servers/registry.ts';
import { TRACE_READERS } from '../../trace/readers/registry.ts';
import { builtinWorkloads } from '../../workload/load.ts';
import type { Command } from '../command.ts';
import { processConsole } from '../console.ts';
import { LIST_OPTIONS } from '../options.ts';
import { EXIT_DONE } from '../exit-codes.ts';

type Entry = Readonly<Partial<Record<string, string | readonly string[]>>>;

/** What can be listed: rows for the table, whole entries for --json. All from the registries. */
const LISTS: Readonly<Record<string, () => Promise<Entry[]> | Entry[]>> = {
  policies: () =>
    POLICIES.map(({ name, family, summary, source }) => ({ name, family, summary, source })),
  servers: () => [
    ...SERVERS.map((server) => ({
      name: server.name,
      summary: server.summary,
      policies: server.policies,
      allocators: server.allocators,
    })),
    ...SERVER_ALIASES.map(({ name, origin }) => {
      const { profile, allocator, exact } = findServer(name);
      const is = exact ? profile.name : `nearest: ${profile.name}`;
      return { name, summary: `${is}, ${allocator}: ${origin}`, profile: profile.name, allocator };
    }),
  ],
  workloads: async () =>
    (await builtinWorkloads()).map(({ name, description, path }) => ({
      name,
      summary: description,
      path,
    })),
  formats: () => TRACE_READERS.map(({ name, suffixes, summary }) => ({ name, suffixes, summary })),
};

/** What the table of a list can't show. */
const NOTES: Readonly<Partial<Record<string, string>>> = {
  servers:
    'Releases (redis-7.0.15, valkey-8.1.3), Docker tags (redis:7.2, valkey:8) and plain redis or\n' +
    'valkey, the newest, are understood as well.',
};

/** Shows what the registries hold. */
export const list: Command = {
  usage: 'list [what]',
  summary: `list ${Object.keys(LISTS).join(', ')}`,
  build: (yargs) =>
    yargs
      .positional('what', { describe: Object.keys(LISTS).join(' | '), type: 'string' })
      .options(LIST_OPTIONS),
  async run(args) {
    const what = args.one('what');
    const known = Object.keys(LISTS);
    if (what === undefined) throw new UsageError(`List what? One of ${known.join(', ')}.`);
    const entriesOf = Object.hasOwn(LISTS, what) ? LISTS[what] : undefined;
    if (entriesOf === undefined) throw new UsageError(unknownName('list', what, known));
    const entries = await entriesOf();
    const text = args.flag('json')
      ? JSON.stringify(entries, null, 2)
      : tableOf(entries, NOTES[what]);
    processConsole(false).print(`${text}\n`);
    return EXIT_DONE;
  },
};

/** Columns of the short form. */
const SHOWN = ['name', 'family', 'suffixes', 'summary'];
const LINE_CHARS = 100;
const GAP_CHARS = 2;

function tableOf(entries: readonly Entry[], note: string | undefined): string {
  const text = (entry: Entry, column: string): string => [entry[column] ?? ''].flat().join(' ');
  const columns = SHOWN.filter((column) => entries.some((entry) => text(entry, column) !== ''));
  const widths = columns.map((column) => Math.max(...entries.map((e) => text(e, column).length)));
  // The last column, the summary, takes what is left of the line.
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP_CHARS, 0);
  const rows = new Table({
    ...PLAIN_TABLE,
    wordWrap: true,
    colWidths: [...widths.slice(0, -1), Math.min(widths.at(-1) ?? 0, LINE_CHARS - others)],
  });
  for (const entry of entries) rows.push(columns.map((column) => text(entry, column)));
  const table = rows.toString().replaceAll(/ +$/gm, '');
  return note === undefined ? table : `${table}\n\n${note}`;
}
