import assert from 'node:assert/strict';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import { AMOUNTS } from '../../src/workload/amounts/registry.ts';
import { POPULARITIES } from '../../src/workload/distributions/registry.ts';
import { generate } from '../../src/workload/generate.ts';
import { workloadJsonSchema } from '../../src/workload/json-schema.ts';
import { builtinWorkloads, loadWorkload, packageRoot } from '../../src/workload/load.ts';
import { MIXED_OPERATIONS } from '../../src/workload/operation-mix.ts';

const folder = join(packageRoot(), 'workloads');
const builtins = await builtinWorkloads();

describe('workloads/', () => {
  for (const { name, path, description } of builtins) {
    it(`${name}: opens with its sentence, points to the schema, loads and generates`, async () => {
      const text = readFileSync(path, 'utf8');
      assert.match(text, /^# [A-Z]/);
      assert.ok(text.includes('\n# yaml-language-server: $schema=./workload.schema.json\n'));
      assert.match(description, /^[A-Z].*\.$/);
      const spec = await loadWorkload(name, { requests: 2000, seed: 3 });
      assert.deepEqual([spec.name, spec.requests, spec.seed], [name, 2000, 3]);
      const trace = generate(spec);
      assert.deepEqual([trace.name, trace.rows], [name, 2000]);
    });
  }

  it('has a JSON Schema that is up to date (else: npm run schema)', () => {
    const published: unknown = JSON.parse(
      readFileSync(join(folder, 'workload.schema.json'), 'utf8'),
    );
    assert.deepEqual(published, JSON.parse(JSON.stringify(workloadJsonSchema())));
  });

  it('has a JSON Schema that accepts every file and refuses what the loader refuses', () => {
    const schema = z.fromJSONSchema(workloadJsonSchema());
    for (const { name, path } of builtins) {
      assert.ok(schema.safeParse(parse(readFileSync(path, 'utf8'))).success, name);
    }
    const good = parse(readFileSync(join(folder, 'uniform.yaml'), 'utf8')) as object;
    for (const change of [{ requests: 0 }, { popularty: 1 }, { ttl: { distribution: 'fixed' } }]) {
      assert.ok(!schema.safeParse({ ...good, ...change }).success, JSON.stringify(change));
    }
  });

  it('has a README that names every workload, distribution and operation', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const names = [builtins, POPULARITIES, AMOUNTS].flat().map(({ name }) => name);
    for (const name of [...names, ...MIXED_OPERATIONS]) {
      assert.ok(readme.includes(`\`${name}\``), `${name} is not in workloads/README.md`);
    }
  });

  it('has a README whose examples are right', async () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```yaml\n(description:[^]*?)```/g)];
    assert.ok(examples.length >= 2);
    const scratch = mkdtempSync(join(tmpdir(), 'evictlab-'));
    for (const [i, [, text]] of examples.entries()) {
      const path = join(scratch, `${i}.yaml`);
      writeFileSync(path, text);
      generate(await loadWorkload(path, { requests: 1000 }));
    }
    rmSync(scratch, { recursive: true });
  });
});

describe('loading a workload', () => {
  const failing = async (nameOrPath: string, overrides = {}): Promise<string> => {
    const error: unknown = await loadWorkload(nameOrPath, overrides).then(
      () => 'no error',
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  };

  it('finds built-ins by name and suggests the nearest', async () => {
    assert.match(
      await failing('zipff-0.99'),
      /^Unknown workload "zipff-0\.99"\. Did you mean "zipf-0\.99"\?/,
    );
    assert.match(await failing('zipf-0.9'), /Did you mean "zipf-0\.99"\?/);
  });

  it('tells a missing file from an unknown name', async () => {
    assert.match(
      await failing('./nowhere.yaml'),
      /^\.\/nowhere\.yaml: there is no such workload file/,
    );
  });

  it('checks overrides as it checks the file', async () => {
    assert.match(
      await failing('uniform', { seed: 1.5 }),
      /^seed must be a whole number .* got 1\.5\.$/,
    );
    assert.match(await failing('uniform', { requests: 0 }), /^requests must be .* got 0\.$/);
  });

  it('reads JSON, and names the workload after the file', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'evictlab-'));
    const path = join(scratch, 'mine.json');
    writeFileSync(
      path,
      JSON.stringify({
        description: 'Mine.',
        requests: 5,
        keys: { count: 3 },
        popularity: { distribution: 'uniform' },
        values: { distribution: 'fixed', value: '1kb' },
      }),
    );
    const spec = await loadWorkload(path);
    rmSync(scratch, { recursive: true });
    assert.equal(spec.name, 'mine');
    assert.deepEqual(spec.groups[0].values, { distribution: 'fixed', value: 1024, redraw: false });
  });
});
