import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { POLICIES } from '../../src/policies/registry.ts';
import { SERVER_ALIASES } from '../../src/servers/aliases.ts';
import { SERVERS } from '../../src/servers/registry.ts';
import { TRACE_READERS } from '../../src/trace/readers/registry.ts';
import { builtinWorkloads } from '../../src/workload/load.ts';
import { evictlab } from './evictlab.ts';

const registries: readonly [string, () => Promise<readonly { readonly name: string }[]>][] = [
  ['policies', () => Promise.resolve(POLICIES)],
  ['servers', () => Promise.resolve([...SERVERS, ...SERVER_ALIASES])],
  ['workloads', builtinWorkloads],
  ['formats', () => Promise.resolve(TRACE_READERS)],
];

describe('evictlab list', () => {
  for (const [what, entries] of registries) {
    it(`names all ${what}, one each, within 100 columns`, async () => {
      const { code, stdout } = await evictlab(['list', what]);
      assert.equal(code, 0);
      const named = stdout.split('\n').map((line) => line.split(' ')[0]);
      for (const { name } of await entries()) assert.ok(named.includes(name), name);
      assert.ok(
        stdout.split('\n').every((line) => line.length <= 100),
        stdout,
      );
    });

    it(`gives ${what} as JSON`, async () => {
      const { stdout } = await evictlab(['list', what, '--json']);
      const listed = JSON.parse(stdout) as { name: string; summary: string }[];
      assert.deepEqual(
        listed.map((entry) => entry.name),
        (await entries()).map((entry) => entry.name),
      );
      assert.ok(listed.every((entry) => entry.summary.length > 0));
    });
  }
});
