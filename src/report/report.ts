import type { styleText } from 'node:util';
import type { CellResult } from '../replay/cell.ts';

/** Dresses a text in ANSI colours, or leaves it as it is. */
export type Style = (format: Parameters<typeof styleText>[0], text: string) => string;

export interface ReportOptions {
  /** Names of the policies that no server has. */
  readonly references: ReadonlySet<string>;
  /** Whether the text may hold ANSI colours. */
  readonly color: boolean;
}

/** A form results can be written in: one file, one registry line. */
export interface Report {
  readonly name: string;
  readonly summary: string;
  /** The whole text, newline at the end. */
  render(results: readonly CellResult[], options: ReportOptions): string;
}
