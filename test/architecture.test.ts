import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';

/**
 * Which folder of src/ may import which others, values and types alike. Imports point one way, from the command line
 * down to the tables; the leaves (single files of src/ itself) are open to everyone.
 */
const MAY_IMPORT: Readonly<Partial<Record<string, readonly string[]>>> = {
  cli: [
    'bench',
    'sizing',
    'upgrade',
    'workload',
    'trace',
    'replay',
    'policies',
    'servers',
    'metrics',
    'report',
    'live',
    'doctor',
  ],
  doctor: ['sizing', 'servers', 'report'],
  sizing: [
    'engine',
    'keyspace',
    'memory',
    'metrics',
    'policies',
    'replay',
    'report',
    'servers',
    'trace',
  ],
  live: ['replay', 'servers', 'trace'],
  bench: ['metrics', 'replay', 'report', 'servers', 'trace'],
  upgrade: ['metrics', 'replay'],
  report: ['metrics'],
  metrics: [],
  replay: ['engine', 'policies', 'servers', 'trace'],
  engine: ['policies', 'keyspace', 'memory', 'servers', 'trace'],
  policies: ['keyspace', 'structures', 'trace'],
  servers: ['keyspace', 'memory'],
  workload: ['trace'],
  kernel: ['keyspace', 'trace'],
  keyspace: [],
  memory: [],
  structures: [],
  trace: [],
};

/** What may be imported on top of that as types only: contracts of which nothing is left at run time. */
const MAY_IMPORT_TYPES_OF: typeof MAY_IMPORT = {
  // Child processes measure the library, of whatever build.
  bench: ['index.ts'],
  live: ['sizing'],
  doctor: ['live'],
  report: ['replay', 'upgrade'],
  metrics: ['replay'],
  policies: ['servers'],
  servers: ['engine'],
  keyspace: ['memory'],
  memory: ['servers'],
};

/** Files that anyone may import, and what they import among themselves. */
const LEAVES: typeof MAY_IMPORT = {
  'errors.ts': [],
  'random.ts': [],
  'nearest.ts': [],
  'units.ts': ['errors.ts'],
  'atomic-file.ts': ['errors.ts'],
};

/** The library entry: it hands out what the folders offer, the command line excepted. */
const ENTRY = 'index.ts';

interface Import {
  /** Paths below src/. */
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

// Compiled tests run in dist/test; the sources are beside dist/.
const src = join(import.meta.dirname, '..', '..', 'src');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));

/** Every import and re-export of a file of ours, from the statements at the start of a line. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type |)([^;'"]*?)\s*from\s+'([^']+)'/gm);
  const static_ = [...statements].map((match) => ({
    specifier: match[3],
    isTypeOnly: match[1] === 'type ' || namesOnlyTypes(match[2]),
  }));
  const dynamic = [...text.matchAll(/import\(?\s*'([^']+)'/gm)].map((match) => ({
    specifier: match[1],
    isTypeOnly: false,
  }));
  return [...static_, ...dynamic]
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, isTypeOnly }) => {
      const path = relative(src, join(src, dirname(file), specifier)).replaceAll('\\', '/');
      // AssemblyScript leaves the extension out.
      const to = placeOf(file) === 'kernel' ? `${path}.ts` : path;
      return { from: file, to, isTypeOnly };
    });
}

/** `{ type A, type B }`: braces with nothing but types in them. */
function namesOnlyTypes(clause: string): boolean {
  const names = /^\{([\s\S]*)\}$/.exec(clause.trim())?.[1];
  if (names === undefined) return false;
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => name.startsWith('type '));
}

const placeOf = (file: string): string => file.split('/')[0];
const imports = files.flatMap(importsOf);
const between = imports.filter(({ from, to }) => placeOf(from) !== placeOf(to));

function mayImport({ from, to, isTypeOnly }: Import): boolean {
  const [importer, imported] = [placeOf(from), placeOf(to)];
  const leafImports = LEAVES[importer];
  if (leafImports !== undefined) return leafImports.includes(imported);
  if (imported in LEAVES) return true;
  if (importer === ENTRY) return imported !== 'cli';
  if (MAY_IMPORT[importer]?.includes(imported)) return true;
  return isTypeOnly && (MAY_IMPORT_TYPES_OF[importer]?.includes(imported) ?? false);
}

describe('architecture', () => {
  it('knows every folder of src/', () => {
    const places = new Set(files.map(placeOf));
    const known = [...Object.keys(MAY_IMPORT), ...Object.keys(LEAVES), ENTRY];
    assert.deepEqual(
      [...places].filter((place) => !known.includes(place)),
      [],
    );
  });

  it('sees the imports that are there', () => {
    assert.ok(imports.length > 100);
    assert.ok(imports.every(({ to }) => files.includes(to) || to.endsWith('.d.ts')));
  });

  it('imports in the allowed directions only', () => {
    const forbidden = between.filter((one) => !mayImport(one));
    assert.deepEqual(
      forbidden.map(({ from, to, isTypeOnly }) => `${from} -> ${to}${isTypeOnly ? ' (type)' : ''}`),
      [],
    );
  });

  it('allows nothing that is not used', () => {
    const unused = [
      ...Object.entries(MAY_IMPORT).flatMap(([from, list]) =>
        (list ?? []).filter(
          (to) => !between.some((i) => placeOf(i.from) === from && placeOf(i.to) === to),
        ),
      ),
      ...Object.entries(MAY_IMPORT_TYPES_OF).flatMap(([from, list]) =>
        (list ?? []).filter(
          (to) => !between.some((i) => placeOf(i.from) === from && placeOf(i.to) === to),
        ),
      ),
    ];
    assert.deepEqual(unused, []);
  });

  it('lets nobody import the command line', () => {
    assert.deepEqual(
      between.filter(({ to }) => placeOf(to) === 'cli').map(({ from }) => from),
      [],
    );
  });

  it('has no cycle of folders at run time', () => {
    const needs = (place: string): readonly string[] => MAY_IMPORT[place] ?? [];
    const visit = (place: string, path: readonly string[]): void => {
      assert.ok(!path.includes(place), `cycle: ${[...path, place].join(' -> ')}`);
      for (const next of needs(place)) visit(next, [...path, place]);
    };
    for (const place of Object.keys(MAY_IMPORT)) visit(place, []);
  });

  it('has no cycle of files at run time', () => {
    const loads = new Map<string, string[]>();
    for (const { from, to, isTypeOnly } of imports) {
      if (!isTypeOnly) loads.set(from, [...(loads.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(!path.includes(file), `cycle: ${[...path, file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const next of loads.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it('takes its clock and its dice from outside: no Date.now, no Math.random', () => {
    const offenders = files.filter((file) => {
      const code = readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      return /\bMath\.random\b|\bDate\.now\b/.test(code);
    });
    assert.deepEqual(offenders, []);
  });
});
