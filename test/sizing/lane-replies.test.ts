import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReplyBuffer } from '../../src/engine/reply-buffer.ts';
import { MemoryAccount } from '../../src/memory/account.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { LaneReplies } from '../../src/sizing/lane-replies.ts';
import { laneOf, LaneSums } from '../../src/sizing/lane-sums.ts';
import { serverNamed } from '../../src/servers/registry.ts';

const LANES = 3;
const ALL = 2 ** LANES - 1;

/** Batches of replies: what all answer with, what some add to it, and how long it is until the timer ticks. */
const batches = fc.array(
  fc.record({
    bytes: fc.integer({ min: 0, max: 40_000 }),
    lanes: fc.integer({ min: 0, max: ALL }),
    more: fc.integer({ min: 0, max: 9000 }),
    gapMs: fc.integer({ min: 0, max: 3000 }),
    ticksAmid: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('LaneReplies', () => {
  it('leave in memory what buffers that are told of every batch leave there', () => {
    const rules = serverNamed('redis-8.6').replyBuffer;
    const round = rounderOf('jemalloc-q8');
    fc.assert(
      fc.property(batches, (given) => {
        const accounts = Array.from({ length: LANES }, () => new MemoryAccount(0, 0));
        const replies = new LaneReplies(rules, accounts, round);
        const plain = Array.from({ length: LANES }, () => {
          const account = new MemoryAccount(0, 0);
          return { account, buffer: new ReplyBuffer(rules, account, round, 0) };
        });
        const tick = (nowMs: number): void => {
          replies.tick(nowMs);
          for (const [lane, { buffer }] of plain.entries()) {
            const before = buffer.bytes;
            buffer.resize(nowMs);
            assert.equal(replies.resize(lane, nowMs), buffer.bytes !== before);
          }
        };
        const used = (): number[] => plain.map(({ account }) => account.used);
        let nowMs = 0;
        for (const { bytes, lanes, more, gapMs, ticksAmid } of given) {
          replies.add(bytes);
          replies.addMore(lanes, more);
          for (const [lane, { buffer }] of plain.entries())
            buffer.add(bytes + (lanes & (1 << lane) ? more : 0));
          replies.tell(ALL, 0);
          assert.deepEqual(
            accounts.map((account) => account.used),
            used(),
          );
          if (ticksAmid) tick((nowMs += gapMs));
          replies.send();
          for (const { buffer } of plain) buffer.flush();
          if (!ticksAmid) tick((nowMs += gapMs));
          assert.deepEqual(
            accounts.map((account) => account.used),
            used(),
          );
        }
      }),
    );
  });
});

describe('LaneSums', () => {
  it('add to each lane what is added to any set of lanes it is in, up to 31 of them', () => {
    const additions = fc.array(
      fc.record({ lanes: fc.integer({ min: 0, max: 2 ** 31 - 1 }), value: fc.integer() }),
    );
    fc.assert(
      fc.property(additions, (given) => {
        const sums = new LaneSums(31);
        for (const { lanes, value } of given) sums.add(lanes, value);
        const wanted = Array.from({ length: 31 }, (_, lane) =>
          given.reduce((sum, { lanes, value }) => sum + (lanes & (1 << lane) ? value : 0), 0),
        );
        assert.deepEqual(sums.toArray(), wanted);
        sums.clear();
        assert.ok(sums.toArray().every((sum) => sum === 0));
      }),
    );
  });

  it('take lanes one by one from the first', () => {
    assert.equal(laneOf(0b1000), 3);
    assert.equal(laneOf(0b1010), 1);
    assert.equal(laneOf(-(2 ** 31)), 31);
  });
});
