import type { styleText } from 'node:util';
import type { Sizing } from '../sizing.ts';

/** A form the answer can be written in: one file, one registry line. */
export interface SizeReport {
  readonly name: string;
  /** The whole text, newline at the end. */
  render(sizing: Sizing, options: { color: boolean }): string;
}

/** Colours a text, or leaves it. */
export type Style = (format: Parameters<typeof styleText>[0], text: string) => string;
