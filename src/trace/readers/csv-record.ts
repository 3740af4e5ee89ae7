const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** What {@link CsvRecord.scan} answers when the record goes on beyond the buffer. */
export const INCOMPLETE = -1;

/** More columns than this are counted and not kept. */
const MAX_FIELDS = 64;

/**
 * Finds the fields of one CSV record in a buffer (RFC 4180: quoted fields may hold commas, newlines and doubled
 * quotes), without making strings: the trace reader's inner loop. Field `i` is `buffer[starts[i], ends[i])`, quotes
 * excluded.
 */
export class CsvRecord {
  fieldCount = 0;
  /** Lines the record took. */
  lines = 0;
  /** The first byte after a closing quote that isn't a comma or the end of the line; -1 when all is well. */
  strayByte = -1;
  readonly starts = new Uint32Array(MAX_FIELDS);
  readonly ends = new Uint32Array(MAX_FIELDS);
  /** 1 for a field with doubled quotes in it: read it with {@link text}. */
  readonly hasDoubledQuotes = new Uint8Array(MAX_FIELDS);

  /**
   * Scans the record at `from` and returns where the next one starts, or INCOMPLETE. With `isLast`, the end of the
   * buffer ends the record as well, but not within quotes.
   */
  scan(buffer: Buffer, from: number, isLast: boolean): number {
    const { length } = buffer;
    let pos = from;
    this.fieldCount = 0;
    this.lines = 1;
    this.strayByte = -1;
    for (;;) {
      let start = pos;
      let end: number;
      let doubled = 0;
      if (pos < length && buffer[pos] === QUOTE) {
        start = ++pos;
        for (;;) {
          if (pos >= length) return INCOMPLETE;
          const byte = buffer[pos++];
          if (byte === LF) this.lines++;
          if (byte !== QUOTE) continue;
          if (pos >= length && !isLast) return INCOMPLETE;
          if (buffer[pos] !== QUOTE) break;
          doubled = 1;
          pos++;
        }
        end = pos - 1;
        if (pos < length && buffer[pos] === CR) pos++;
        if (pos < length && buffer[pos] !== COMMA && buffer[pos] !== LF) {
          this.strayByte = pos;
          while (pos < length && buffer[pos] !== COMMA && buffer[pos] !== LF) pos++;
        }
      } else {
        while (pos < length && buffer[pos] !== COMMA && buffer[pos] !== LF) pos++;
        end = pos;
        if (end > start && buffer[end - 1] === CR && (pos >= length || buffer[pos] === LF)) end--;
      }
      if (pos >= length && !isLast) return INCOMPLETE;
      const field = this.fieldCount++;
      if (field < MAX_FIELDS) {
        this.starts[field] = start;
        this.ends[field] = end;
        this.hasDoubledQuotes[field] = doubled;
      }
      if (pos >= length) return length;
      if (buffer[pos++] === LF) return pos;
    }
  }

  /** Whether the record is an empty line. */
  isBlank(): boolean {
    return this.fieldCount === 1 && this.starts[0] === this.ends[0];
  }

  text(buffer: Buffer, field: number): string {
    const text = buffer.toString('utf8', this.starts[field], this.ends[field]);
    return this.hasDoubledQuotes[field] === 1 ? text.replaceAll('""', '"') : text;
  }
}
