import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  commitLimitBytes,
  copyingVerdict,
  type CopyingOutcome,
  type ForkingServer,
  forkVerdict,
  neededOvercommitRatio,
} from '../../src/sizing/overcommit.ts';
import type { Host } from '../../src/sizing/host.ts';
import { HOST } from '../doctor/facts.ts';

const GIB = 2 ** 30;
const server = (gib: number, copiedGib = 0, reservesNothing = true): ForkingServer => ({
  residentBytes: gib * GIB,
  copiedBytes: copiedGib * GIB,
  reservesNothing,
});
const host = (more: Partial<Host>): Host => ({ ...HOST, committedByOthersBytes: 0, ...more });

describe('fork', () => {
  it('is never refused in mode 1', () => {
    const verdict = forkVerdict(host({ overcommitMemory: 1, ramBytes: GIB }), server(100));
    assert.deepEqual(verdict, {
      succeeds: true,
      chargedBytes: 0,
      allowedBytes: Infinity,
      rule: 'always',
    });
  });

  it('is granted in mode 0 to a heap without reservation, however large', () => {
    const verdict = forkVerdict(host({ overcommitMemory: 0, ramBytes: 8 * GIB }), server(100));
    assert.equal(verdict.succeeds, true);
    assert.equal(verdict.rule, 'not charged');
  });

  it('is refused in mode 0 when one mapping alone exceeds RAM and swap', () => {
    // Measured on 23.5 GiB without swap: a mapping of 30 GiB is refused, each of six of 20 GiB accepted.
    const machine = host({ overcommitMemory: 0, ramBytes: 23.5 * GIB });
    assert.equal(forkVerdict(machine, server(30, 0, false)).succeeds, false);
    assert.equal(forkVerdict(machine, server(20, 0, false)).succeeds, true);
    const withSwap = { ...machine, swapBytes: 8 * GIB };
    assert.equal(forkVerdict(withSwap, server(30, 0, false)).succeeds, true);
  });

  it('needs twice the server below CommitLimit in mode 2', () => {
    const machine = host({ overcommitMemory: 2, ramBytes: 16 * GIB });
    assert.equal(commitLimitBytes(machine), 8 * GIB);
    assert.equal(forkVerdict(machine, server(3.9)).succeeds, true);
    assert.equal(forkVerdict(machine, server(4)).succeeds, false, 'reserves count');
    assert.equal(
      forkVerdict({ ...machine, committedByOthersBytes: GIB }, server(3.9)).succeeds,
      false,
    );
    assert.equal(forkVerdict({ ...machine, swapBytes: 8 * GIB }, server(7)).succeeds, true);
  });

  it('counts huge pages out of CommitLimit, and takes vm.overcommit_kbytes instead of the ratio', () => {
    const machine = host({ overcommitMemory: 2, ramBytes: 16 * GIB, hugePageBytes: 4 * GIB });
    assert.equal(commitLimitBytes(machine), 6 * GIB);
    assert.equal(commitLimitBytes({ ...machine, overcommitBytes: 10 * GIB }), 10 * GIB);
  });

  it('is granted with the ratio that is said to be needed, and not with one less', () => {
    const hosts = fc.record({
      ramGib: fc.integer({ min: 1, max: 512 }),
      swapGib: fc.integer({ min: 0, max: 64 }),
      othersGib: fc.double({ min: 0, max: 8, noNaN: true }),
      serverGib: fc.double({ min: 0.1, max: 300, noNaN: true }),
    });
    fc.assert(
      fc.property(hosts, ({ ramGib, swapGib, othersGib, serverGib }) => {
        const machine = host({
          overcommitMemory: 2,
          ramBytes: ramGib * GIB,
          swapBytes: swapGib * GIB,
          committedByOthersBytes: othersGib * GIB,
        });
        const at = (overcommitRatio: number): boolean =>
          forkVerdict({ ...machine, overcommitRatio }, server(serverGib)).succeeds;
        const ratio = neededOvercommitRatio(machine, server(serverGib));
        if (ratio === undefined) assert.equal(at(100), false);
        else {
          assert.equal(at(ratio), true);
          if (ratio > 0) assert.equal(at(ratio - 1), false);
        }
      }),
    );
  });
});

describe('the moment of most copying', () => {
  const outcomes: [string, Partial<Host>, ForkingServer, CopyingOutcome][] = [
    ['all fits', { ramBytes: 16 * GIB }, server(8, 8), 'fits'],
    [
      'more than RAM, swap takes it',
      { ramBytes: 8 * GIB, swapBytes: 8 * GIB },
      server(6, 4),
      'swaps',
    ],
    ['more than RAM and swap', { ramBytes: 8 * GIB }, server(6, 4), 'host kill'],
    [
      'more than the container may have',
      { container: { bytes: 8 * GIB, swapBytes: 0 } },
      server(6, 4),
      'container kill',
    ],
    [
      'a container without swap on a machine that has some',
      { swapBytes: 16 * GIB, container: { bytes: 8 * GIB, swapBytes: 0 } },
      server(6, 4),
      'container kill',
    ],
    [
      'a container with swap',
      { swapBytes: 16 * GIB, container: { bytes: 8 * GIB, swapBytes: 4 * GIB } },
      server(6, 4),
      'swaps',
    ],
    [
      'a container limit above RAM is none',
      { ramBytes: 8 * GIB, container: { bytes: 32 * GIB, swapBytes: 0 } },
      server(6, 4),
      'host kill',
    ],
    [
      'mode 0 grants what there is no memory for',
      { ramBytes: 8 * GIB, overcommitMemory: 0 },
      server(6, 4),
      'host kill',
    ],
    ['mode 2 refuses instead', { ramBytes: 8 * GIB, overcommitMemory: 2 }, server(6, 4), 'refused'],
  ];
  for (const [name, machine, forking, outcome] of outcomes) {
    it(`${name}: ${outcome}`, () => {
      assert.equal(copyingVerdict(host(machine), forking).outcome, outcome);
    });
  }
});
