import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

// Finds the compiled tests itself: `node --test` takes globs only from Node 22 on, and folders only before.
const here = import.meta.dirname;
const wanted = process.argv.slice(2);
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => join(here, file))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${wanted.join(', ')}.`);
  process.exitCode = 1;
} else {
  const stream = run({ files, concurrency: availableParallelism() });
  stream.on('test:fail', () => {
    process.exitCode = 1;
  });
  stream.pipe(new Spec()).pipe(process.stdout);
}
