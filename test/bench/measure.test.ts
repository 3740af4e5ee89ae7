import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { thisBuild } from '../../src/bench/build.ts';
import { behaviour } from '../../src/bench/behaviour.ts';
import { measure } from '../../src/bench/measure.ts';
import { suite, type SuiteTask } from '../../src/bench/suite.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/defaults.ts';
import { parseMaxmemory } from '../../src/replay/maxmemory.ts';
import { readTrace } from '../../src/trace/read-trace.ts';
import { SMALL_LIMIT, writeSmallTrace } from '../cli/small-trace.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const inFolder = temporaryFolder();
const path = inFolder('t.csv');
writeSmallTrace(path, 3000, 2500);

/** Two replays and a read. */
async function tasks(): Promise<SuiteTask[]> {
  const trace = await readTrace(path);
  return suite(
    [{ trace, source: { kind: 'trace', path, format: 'csv' } }],
    {
      servers: ['redis-7.0', 'debian-12'],
      policies: ['allkeys-lru'],
      maxmemory: [parseMaxmemory(SMALL_LIMIT, '')],
      seed: 1,
      settings: DEFAULT_SETTINGS,
    },
    inFolder('files'),
  );
}

describe('measuring that is interrupted', () => {
  it('answers with the tasks that were done at least once', async () => {
    const all = (await tasks()).map(({ task }) => task);
    const stop = new AbortController();
    let rounds = 0;
    const { perBuild, isWhole } = await measure(all, [thisBuild().library], {
      samples: 10,
      signal: stop.signal,
      onRound: () => {
        if (++rounds === 2) stop.abort();
      },
    });
    assert.equal(isWhole, false);
    assert.deepEqual(
      perBuild.map((results) => results.map(({ task, rounds: of }) => [task.id, of.length])),
      [all.slice(0, 2).map(({ id }) => [id, 1])],
    );
  });

  it('keeps to the tasks that every build has done', async () => {
    const all = (await tasks()).map(({ task }) => task);
    const stop = new AbortController();
    let rounds = 0;
    const { library } = thisBuild();
    const { perBuild } = await measure(all, [library, library], {
      samples: 10,
      signal: stop.signal,
      onRound: () => {
        if (++rounds === 3) stop.abort();
      },
    });
    assert.deepEqual(
      perBuild.map((results) => results.map(({ task }) => task.id)),
      [[all[0].id], [all[0].id]],
    );
  });

  it('has nothing when it was over before it began', async () => {
    const stop = new AbortController();
    stop.abort();
    assert.deepEqual(await behaviour(await tasks(), { jobs: 1, signal: stop.signal }), []);
  });
});

describe('the tasks of a bench', () => {
  it('tell builds of one version apart, and leave the default allocator out', async () => {
    const ids = (await tasks()).map(({ task }) => task.id);
    assert.deepEqual(ids, [
      `replay ${ids[0].split(' ')[1]} redis-7.0 ${SMALL_LIMIT} allkeys-lru`,
      `replay ${ids[0].split(' ')[1]} redis-7.0 jemalloc-q16 ${SMALL_LIMIT} allkeys-lru`,
      ids[2],
    ]);
  });
});
