import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { generate, generateSpooled } from '../../src/workload/generate.ts';
import { contents, withSpool } from '../trace/spooled.ts';
import { anySpec, groupedWorkload, workload } from './specs.ts';

describe('a workload generated into a spool', () => {
  it('has the bytes of the one generated in memory', async () => {
    const groups = groupedWorkload(
      {
        a: {
          weight: 2,
          operations: { scan: 1, get: 3 },
          values: { distribution: 'uniform', min: 1, max: 500, redraw: true },
        },
        b: {
          operations: { 'read-modify-write': 1 },
          ttl: { distribution: 'fixed', value: '10s', jitter: 0.5 },
        },
      },
      500,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anySpec, fc.constant(groups)),
        fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 8, max: 700 })),
        (spec, chunkRows) =>
          withSpool(chunkRows, async (spool) => {
            const disk = await generateSpooled(spec, spool);
            assert.deepEqual(contents(disk), contents(generate(spec)));
          }),
      ),
      { numRuns: 60 },
    );
  });

  it('is given up when asked to', async () => {
    const reason = new Error('enough');
    await withSpool(100, async (spool) => {
      await assert.rejects(generateSpooled(workload(), spool, AbortSignal.abort(reason)), reason);
    });
  });

  it('is refused before it begins when the disk has no room for it', async () => {
    const spec = { ...workload(), requests: 2 ** 40 };
    await withSpool(100, async (spool) => {
      await assert.rejects(generateSpooled(spec, spool), /no room for a streamed trace/);
    });
  });
});
