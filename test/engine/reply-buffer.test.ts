import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReplyBuffer, type ReplyBufferRules } from '../../src/engine/reply-buffer.ts';
import { MemoryAccount } from '../../src/memory/account.ts';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { noeviction } from '../../src/policies/noeviction.ts';
import { redis70 } from '../../src/servers/redis-7.0.ts';
import { oneServer } from '../reference/one-server.ts';

const RULES: ReplyBufferRules = redis70.replyBuffer;
const round = rounderOf('jemalloc-q8');

function bufferAt(startMs = 0, rules = RULES): { buffer: ReplyBuffer; account: MemoryAccount } {
  const account = new MemoryAccount(1000, 0);
  return { buffer: new ReplyBuffer(rules, account, round, startMs), account };
}

/** A buffer that large batches have driven to its largest, their peak forgotten, at time 0. */
function grownBuffer(): { buffer: ReplyBuffer; account: MemoryAccount } {
  const grown = bufferAt(-100_000);
  for (let nowMs = -90_000; nowMs < 0; nowMs += 10_000) exchange(grown.buffer, 100_000, nowMs);
  exchange(grown.buffer, 16_384, -1);
  return grown;
}

/** One round of replies and the timer's look at the buffer. */
function exchange(buffer: ReplyBuffer, replyBytes: number, nowMs: number): void {
  buffer.add(replyBytes);
  buffer.flush();
  buffer.resize(nowMs);
}

describe('reply buffer', () => {
  it('starts as an idle client has it: with 1 KiB, which is in the account already', () => {
    const { buffer, account } = bufferAt();
    assert.equal(buffer.bytes, 0);
    assert.equal(account.used, 1000);
  });

  it('shrinks to what was needed when that is less than half of it', () => {
    const { buffer } = grownBuffer();
    exchange(buffer, 3000, 5000);
    exchange(buffer, 3000, 5100);
    assert.equal(buffer.bytes, round(3001) - 1024);
  });

  it('keeps its size when half of it or more was needed', () => {
    const { buffer } = grownBuffer();
    exchange(buffer, 8192, 5000);
    exchange(buffer, 8192, 5100);
    assert.equal(buffer.bytes, 15 * 1024);
  });

  it('never shrinks below 1 KiB', () => {
    const { buffer, account } = bufferAt();
    exchange(buffer, 5, 100);
    assert.equal(buffer.bytes, 0);
    assert.equal(buffer.isShrinking, false);
    exchange(buffer, 5, 200);
    assert.equal(account.used, 1000);
  });

  it('doubles when a batch of replies filled it, up to 16 KiB', () => {
    const { buffer } = bufferAt();
    exchange(buffer, 5, 100);
    const sizes: number[] = [];
    for (let tick = 2; tick < 8; tick++) {
      exchange(buffer, 100_000, tick * 100);
      sizes.push(buffer.bytes + 1024);
    }
    assert.deepEqual(sizes, [2048, 4096, 8192, 16_384, 16_384, 16_384]);
  });

  it('remembers a peak for five seconds', () => {
    const { buffer } = grownBuffer();
    exchange(buffer, 10_000, 5000);
    exchange(buffer, 10_000, 5100);
    for (let nowMs = 5200; nowMs <= 9900; nowMs += 100) exchange(buffer, 5, nowMs);
    assert.equal(buffer.bytes, 15 * 1024);
    exchange(buffer, 5, 10_000);
    assert.equal(buffer.bytes, 15 * 1024, 'the peak is forgotten after the look');
    exchange(buffer, 5, 10_100);
    assert.equal(buffer.bytes, 0);
  });

  it('takes a block for what does not fit, until it is sent', () => {
    const { buffer, account } = grownBuffer();
    const { used } = account;
    buffer.add(16_384);
    assert.equal(account.used, used);
    buffer.add(1);
    assert.equal(account.used, used + round(16_384 + 24), 'a block is at least 16 KiB');
    buffer.flush();
    assert.equal(account.used, used);
    buffer.add(116_384);
    assert.equal(account.used, used + round(100_000 + 24));
  });

  it('takes another block when the first is full', () => {
    const { buffer, account } = bufferAt();
    const { used } = account;
    for (let reply = 0; reply < 16; reply++) buffer.add(20_000);
    const added = account.used - used;
    assert.ok(added >= 16 * 20_000 - 16_384, `${added} bytes for 320,000 of replies`);
    assert.ok(added <= 16 * 20_000 * 1.25);
    buffer.flush();
    assert.equal(account.used, used);
  });

  it('stays as it is on servers that do not resize it', () => {
    const { buffer } = bufferAt(0, { ...RULES, resizes: false });
    buffer.add(16_384);
    assert.equal(buffer.bytes, 0, 'all of it is part of the client');
    exchange(buffer, 100_000, 200);
    exchange(buffer, 5, 300);
    assert.equal(buffer.bytes, 0);
    assert.equal(buffer.isShrinking, false);
  });

  it('is in the account to the byte, whatever happens', () => {
    const events = fc.array(
      fc.oneof(fc.nat(40_000), fc.nat(2000), fc.constantFrom('flush' as const, 'tick' as const)),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(events, (list) => {
        const { buffer, account } = bufferAt();
        let nowMs = 0;
        for (const event of list) {
          if (event === 'flush') buffer.flush();
          else if (event === 'tick') buffer.resize((nowMs += 700));
          else buffer.add(event);
          assert.equal(account.used, 1000 + buffer.bytes);
        }
        buffer.flush();
        assert.ok(buffer.bytes >= 0 && buffer.bytes <= 15 * 1024);
      }),
    );
  });

  it('counts against the limit: large replies not yet sent leave no room for a write', () => {
    const engine = oneServer(noeviction, { roomBytes: 60_000 });
    engine.set(0, 30_000);
    engine.get(0);
    assert.equal(engine.set(1, 10_000), false);
    engine.sendReplies();
    assert.equal(engine.set(1, 10_000), true);
  });
});
