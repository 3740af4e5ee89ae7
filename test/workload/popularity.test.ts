import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zipfian from 'zipfian-integer';
import { Random } from '../../src/random.ts';
import { ExponentialSampler } from '../../src/workload/distributions/exponential.ts';
import { GaussianSampler } from '../../src/workload/distributions/gaussian.ts';
import { HistogramSampler } from '../../src/workload/distributions/histogram.ts';
import { HotspotSampler } from '../../src/workload/distributions/hotspot.ts';
import { PowerLawSampler } from '../../src/workload/distributions/power-law.ts';
import { POPULARITIES } from '../../src/workload/distributions/registry.ts';
import { SequentialSampler } from '../../src/workload/distributions/sequential.ts';
import { UniformSampler } from '../../src/workload/distributions/uniform.ts';
import { zeta } from '../../src/workload/distributions/ycsb.ts';
import { YcsbLatestSampler } from '../../src/workload/distributions/ycsb-latest.ts';
import {
  YcsbZipfianSampler,
  fnvHash64Modulo,
} from '../../src/workload/distributions/ycsb-zipfian.ts';
import { ZipfSampler } from '../../src/workload/distributions/zipf.ts';
import { chiSquareDeviation, drawing, frequencies, topShare } from './statistics.ts';

const source = (): Random => new Random(42, 'popularity test');
const near = (actual: number, expected: number, tolerance: number): void => {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual}, expected ${expected} ± ${tolerance}`,
  );
};

describe('zipf', () => {
  for (const exponent of [0, 0.5, 0.99, 1, 1.2, 2, 3.5]) {
    it(`gives every rank its exact probability at exponent ${exponent}`, () => {
      const seen = frequencies(drawing(new ZipfSampler(1000, exponent), source()), 200_000, 1000);
      const deviation = chiSquareDeviation(seen, (rank) => (rank + 1) ** -exponent);
      assert.ok(Math.abs(deviation) < 4, `chi-square is ${deviation} deviations off`);
    });
  }

  it('agrees with the zipfian-integer package, rank by rank', () => {
    const random = source();
    // The package takes its randomness from a function, and draws from 1 to n.
    const theirs = zipfian(1, 200, 0.8, () => random.float());
    const reference = frequencies(() => theirs() - 1, 200_000, 200);
    const ours = frequencies(drawing(new ZipfSampler(200, 0.8), source()), 200_000, 200);
    let chiSquare = 0;
    for (let rank = 0; rank < 200; rank++) {
      chiSquare += (ours[rank] - reference[rank]) ** 2 / (ours[rank] + reference[rank]);
    }
    assert.ok(chiSquare < 199 + 4 * Math.sqrt(2 * 199), `chi-square ${chiSquare} on 199`);
  });

  it('keeps its top shares at a million keys: 67 % of requests on 1 % of keys', () => {
    const draws = 200_000;
    const random = source();
    const sampler = new ZipfSampler(1_000_000, 0.99);
    let top = 0;
    for (let i = 0; i < draws; i++) if (sampler.next(random) < 10_000) top++;
    near(top / draws, zeta(10_000, 0.99) / zeta(1_000_000, 0.99), 0.005);
  });

  it('stays in range over four billion keys', () => {
    const random = source();
    for (const exponent of [0, 0.7, 1, 1.5, 20, 1000]) {
      const sampler = new ZipfSampler(2 ** 32, exponent);
      for (let i = 0; i < 10_000; i++) {
        const rank = sampler.next(random);
        assert.ok(Number.isInteger(rank) && rank >= 0 && rank < 2 ** 32);
      }
    }
  });

  it('has one rank when there is one key', () => {
    const random = source();
    for (let i = 0; i < 100; i++) assert.equal(new ZipfSampler(1, 0.99).next(random), 0);
  });
});

describe('ycsb-zipfian', () => {
  it('hashes as YCSB does: 64-bit FNV-1a in big integers gives the same', () => {
    const random = source();
    for (let i = 0; i < 2000; i++) {
      const value = Math.floor(random.float() * 1e10);
      const modulus = 1 + random.below(i % 2 === 0 ? 1000 : 2 ** 32 - 1);
      let hash = 0xcbf29ce484222325n;
      for (let shift = 0n; shift < 64n; shift += 8n) {
        const octet = (BigInt(value) >> shift) & 255n;
        hash = BigInt.asUintN(64, (hash ^ octet) * 1099511628211n);
      }
      const signed = BigInt.asIntN(64, hash);
      const expected = Number((signed < 0n ? -signed : signed) % BigInt(modulus));
      assert.equal(fnvHash64Modulo(value, modulus), expected);
    }
  });

  it('is flatter than Zipf: at a million keys the top 1 % get 40 %, the top 10 % get 55.5 %', () => {
    const count = 1_000_000;
    const seen = frequencies(drawing(new YcsbZipfianSampler(count), source()), 3_000_000, count);
    // The most drawn in a sample look hotter than they are: 10 million draws gave 40.0 %, 55.5 % and 3.79 %.
    near(topShare(seen, 1), 0.0379, 0.001);
    near(topShare(seen, count / 100), 0.404, 0.01);
    near(topShare(seen, count / 10), 0.58, 0.03);
  });

  it('sums zeta as published: 10.2244, 12.7783, 15.3918, 18.0662 for 10^4 to 10^7', () => {
    const published = [10.2244, 12.7783, 15.3918, 18.0662];
    for (const [i, sum] of published.entries()) near(zeta(10 ** (4 + i), 0.99), sum, 0.00005);
    near(zeta(1e10, 0.99), 26.46902820178302, 1e-8);
  });
});

describe('ycsb-latest', () => {
  it('asks for the newest key most and never for one that is not there', () => {
    const seen = frequencies(drawing(new YcsbLatestSampler(1000), source()), 100_000, 1000);
    near(seen[999] / 100_000, 1 / zeta(1000, 0.99), 0.005);
    near(seen[998] / 100_000, 0.5 ** 0.99 / zeta(1000, 0.99), 0.005);
  });

  it('moves on as keys are added', () => {
    const random = source();
    const grown = new YcsbLatestSampler(500);
    grown.grow(1000);
    const fresh = new YcsbLatestSampler(1000);
    const other = source();
    for (let i = 0; i < 1000; i++) assert.equal(grown.next(random), fresh.next(other));
  });
});

describe('other popularity laws', () => {
  it('uniform: every key equally often', () => {
    const seen = frequencies(drawing(new UniformSampler(500), source()), 100_000, 500);
    assert.ok(Math.abs(chiSquareDeviation(seen, () => 1)) < 4);
  });

  it('hotspot: a fifth of the keys get four fifths of the requests, evenly', () => {
    const seen = frequencies(drawing(new HotspotSampler(500, 0.2, 0.8), source()), 100_000, 500);
    const deviation = chiSquareDeviation(seen, (rank) => (rank < 100 ? 0.8 / 100 : 0.2 / 400));
    assert.ok(Math.abs(deviation) < 4, `${deviation}`);
  });

  it('exponential: ranks are a truncated geometric law', () => {
    const count = 500;
    const gamma = -Math.log(0.05) / (count * 0.8571428571);
    const sampler = new ExponentialSampler(count, 0.95, 0.8571428571);
    const seen = frequencies(drawing(sampler, source()), 100_000, count);
    const deviation = chiSquareDeviation(seen, (rank) => Math.exp(-gamma * rank));
    assert.ok(Math.abs(deviation) < 4, `${deviation}`);
  });

  it('gaussian: a bell about the centre with the given deviation', () => {
    const sampler = new GaussianSampler(600, 0.5, 1 / 6);
    const seen = frequencies(drawing(sampler, source()), 100_000, 600);
    const deviation = chiSquareDeviation(seen, (key) =>
      Math.exp(-((key + 0.5 - 300) ** 2) / (2 * 100 ** 2)),
    );
    assert.ok(Math.abs(deviation) < 4, `${deviation}`);
  });

  it('sequential: every key in turn, and round again', () => {
    const sampler = new SequentialSampler(3);
    assert.deepEqual(
      Array.from({ length: 7 }, () => sampler.next()),
      [0, 1, 2, 0, 1, 2, 0],
    );
  });

  it('power-law: as redis-cli --lru-test, the top fifth of keys get 1 − 0.8^7.2 = 80 %', () => {
    const count = 1000;
    const seen = frequencies(drawing(new PowerLawSampler(count, 6.2), source()), 200_000, count);
    const below = (drawn: number): number => (drawn / (count + 1)) ** 7.2;
    const deviation = chiSquareDeviation(
      seen,
      (rank) => below(count - rank + 1) - below(count - rank),
    );
    assert.ok(Math.abs(deviation) < 4, `${deviation}`);
    let top = 0;
    for (let rank = 0; rank < 200; rank++) top += seen[rank];
    near(top / 200_000, 1 - 0.8 ** 7.2, 0.005);
  });

  it('histogram: buckets get their weights, keys within one are equal, sizes are scaled', () => {
    const sampler = new HistogramSampler(400, [
      { keys: 1, weight: 5 },
      { keys: 3, weight: 2 },
      { keys: 4, weight: 3 },
    ]);
    const seen = frequencies(drawing(sampler, source()), 100_000, 400);
    const deviation = chiSquareDeviation(seen, (rank) =>
      rank < 50 ? 5 / 50 : rank < 200 ? 2 / 150 : 3 / 200,
    );
    assert.ok(Math.abs(deviation) < 4, `${deviation}`);
  });
});

describe('registry of popularity laws', () => {
  const settings: Record<string, object> = {
    zipf: { exponent: 0.99 },
    histogram: { buckets: [{ keys: 1, weight: 1 }] },
  };

  for (const definition of POPULARITIES) {
    it(`${definition.name}: ranks of 1, 2, 7 and 1,000 keys stay in range`, () => {
      const given = { distribution: definition.name, ...settings[definition.name] };
      const spec = definition.schema.parse(given) as never;
      for (const count of [1, 2, 7, 1000]) {
        frequencies(drawing(definition.create(spec, count, count), source()), 2000, count);
      }
    });
  }

  it('has no two laws of one name', () => {
    assert.equal(new Set(POPULARITIES.map(({ name }) => name)).size, POPULARITIES.length);
  });
});
