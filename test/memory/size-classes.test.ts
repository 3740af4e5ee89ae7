import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rounderOf } from '../../src/memory/size-classes.ts';
import { roundToClass, sizeClasses } from '../reference/naive-bytes.ts';

/** The classes up to 1 KiB, as the memory model lists them. */
const UP_TO_1_KIB = {
  'jemalloc-q8': [
    8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640,
    768, 896, 1024,
  ],
  'jemalloc-q16': [
    8, 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896,
    1024,
  ],
} as const;

describe('size classes', () => {
  for (const [allocator, quantum] of [
    ['jemalloc-q8', 8],
    ['jemalloc-q16', 16],
  ] as const) {
    const round = rounderOf(allocator);

    it(`${allocator} has the listed classes up to 1 KiB`, () => {
      const classes = new Set<number>();
      for (let bytes = 0; bytes <= 1024; bytes++) classes.add(round(bytes));
      assert.deepEqual([...classes], UP_TO_1_KIB[allocator]);
    });

    it(`${allocator} takes the smallest class that holds a request`, () => {
      const classes = sizeClasses(quantum);
      for (let bytes = 1; bytes <= 70_000; bytes++) {
        assert.equal(round(bytes), roundToClass(classes, bytes), `${bytes} bytes`);
      }
      for (const bytes of [100_010, 1_000_010, 4_194_304, 4_194_305]) {
        assert.equal(round(bytes), roundToClass(classes, bytes), `${bytes} bytes`);
      }
    });

    it(`${allocator} charges tables what they ask for`, () => {
      for (let bytes = 8; bytes <= 2 ** 30; bytes *= 2) assert.equal(round(bytes), bytes);
    });
  }

  it('jemalloc 5.3.1 serves what is larger than 16 KiB in whole pages', () => {
    const pages = rounderOf('jemalloc-q16-pages');
    const classes = rounderOf('jemalloc-q16');
    for (let bytes = 0; bytes <= 32_768; bytes++) assert.equal(pages(bytes), classes(bytes));
    assert.equal(pages(100_010), 102_400);
    assert.equal(classes(100_010), 114_688);
    assert.equal(pages(131_073), 135_168);
  });

  it('libc gives what malloc_usable_size of glibc 2.36 says', () => {
    const round = rounderOf('libc');
    const measured = [
      [1, 24],
      [24, 24],
      [25, 40],
      [1000, 1000],
      [131_040, 131_048],
      [131_048, 131_048],
      [200_000, 200_688],
      [1_048_544, 1_048_560],
      [1_048_552, 1_048_560],
      [1_048_553, 1_052_656],
      [1_048_560, 1_052_656],
      [2_097_128, 2_097_136],
      [2_097_129, 2_101_232],
      [2_097_152, 2_101_232],
    ];
    for (const [bytes, usable] of measured) assert.equal(round(bytes), usable, `${bytes} bytes`);
  });
});
