import type { BenchRun } from '../verdict.ts';

/** A form a bench can be written in: one file, one registry line. */
export interface BenchReport {
  readonly name: string;
  readonly summary: string;
  /** The whole text, newline at the end. */
  render(run: BenchRun, options: { readonly color: boolean }): string;
}
