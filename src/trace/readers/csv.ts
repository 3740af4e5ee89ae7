import { isUtf8 } from 'node:buffer';
import { UsageError } from '../../errors.ts';
import { unknownName } from '../../nearest.ts';
import type { RowBuilder } from '../builder.ts';
import { KeyInterner } from '../intern.ts';
import { DEL, EXPIRE, SETKEEP, INCR, OPERATIONS, PERSIST, TOUCH } from '../operations.ts';
import { MAX_TTL_SECONDS, NO_TTL, encodeTtl } from '../ttl.ts';
import { findColumns, type CsvColumns } from './csv-header.ts';
import { NOT_A_NUMBER, parseDigits, parseSeconds } from './csv-numbers.ts';
import { CsvRecord, INCOMPLETE } from './csv-record.ts';
import type { ReadOptions, TraceReader } from './reader.ts';

/** The longest value the server takes (`proto-max-bulk-len`). */
const MAX_VALUE_BYTES = 512 * 1024 * 1024;
const MAX_RECORD_BYTES = 1024 * 1024;
const OPERATION_CODES: ReadonlyMap<string, number> = new Map(
  OPERATIONS.map((name, code) => [name, code]),
);
/** Operations that write no value of their own: their `value_bytes` may be empty. */
const WITHOUT_VALUE: ReadonlySet<number> = new Set([DEL, INCR, EXPIRE, TOUCH, PERSIST]);

/** Bytes in, rows out: cuts chunks into records and checks every field. State of one file being read. */
class CsvTraceParser<T> {
  private readonly file: string;
  private readonly options: ReadOptions;
  private readonly builder: RowBuilder<T>;
  private readonly keys = new KeyInterner();
  private readonly record = new CsvRecord();
  private columns: CsvColumns | undefined;
  private line = 1;
  private carry: Buffer = Buffer.alloc(0);

  constructor(file: string, options: ReadOptions, builder: RowBuilder<T>) {
    this.file = file;
    this.options = options;
    this.builder = builder;
  }

  push(chunk: Buffer, isLast: boolean): void {
    const buffer = this.carry.length === 0 ? chunk : Buffer.concat([this.carry, chunk]);
    const { record } = this;
    let pos = 0;
    while (pos < buffer.length) {
      const next = record.scan(buffer, pos, isLast);
      if (next === INCOMPLETE) break;
      if (!record.isBlank()) this.take(buffer);
      this.line += record.lines;
      pos = next;
    }
    this.carry = buffer.subarray(pos);
    if (this.carry.length > MAX_RECORD_BYTES) {
      this.fail(`longer than ${MAX_RECORD_BYTES} bytes. Is a quote left open, or is this no CSV?`);
    }
    if (isLast && this.carry.length > 0) this.fail('a quote is opened and never closed.');
  }

  finish(): T {
    const { builder, keys, options, file } = this;
    this.push(Buffer.alloc(0), true);
    if (this.columns === undefined) {
      throw new UsageError(
        `${file}: empty. A trace starts with the line time_ms,op,key,value_bytes,ttl_s.`,
      );
    }
    if (builder.rows === 0) throw new UsageError(`${file}: no requests after the header line.`);
    if (builder.timesGoneBack > 0) {
      options.warn(
        `${file}: time goes back in ${builder.timesGoneBack} of ${builder.rows} rows; ` +
          `each took the time of the row before it.`,
      );
    }
    return builder.finish({
      count: keys.size,
      bytesOf: (id) => keys.nameBytes(id),
      names: () => keys.names(),
    });
  }

  private take(buffer: Buffer): void {
    const { record, columns } = this;
    if (record.strayByte >= 0) {
      this.fail('text after a closing quote. A quote inside a quoted field is written twice.');
    }
    if (columns === undefined) {
      const names = Array.from({ length: Math.min(record.fieldCount, 64) }, (_, i) =>
        record
          .text(buffer, i)
          .replace(/^\uFEFF/, '')
          .trim(),
      );
      this.columns = findColumns(names, `${this.file}:${this.line}`, this.options.warn);
      return;
    }
    if (record.fieldCount !== columns.count) {
      this.fail(`${record.fieldCount} fields, the header has ${columns.count}.`);
    }
    const op = this.operation(buffer, columns.op);
    this.builder.add(
      this.time(buffer, columns.time),
      op,
      this.key(buffer, columns.key),
      this.value(buffer, columns.value, op),
      this.ttl(buffer, columns.ttl, op),
    );
  }

  private time(buffer: Buffer, field: number): number {
    const { record } = this;
    const ms = parseDigits(buffer, record.starts[field], record.ends[field]);
    if (ms === NOT_A_NUMBER)
      this.failField(buffer, field, 'time_ms', 'a whole number of milliseconds');
    return ms;
  }

  private operation(buffer: Buffer, field: number): number {
    const text = buffer.toString('latin1', this.record.starts[field], this.record.ends[field]);
    const code = OPERATION_CODES.get(text) ?? OPERATION_CODES.get(text.toLowerCase());
    if (code === undefined) this.fail(unknownName('op', text, OPERATIONS));
    return code;
  }

  private key(buffer: Buffer, field: number): number {
    const { record, keys } = this;
    let bytes = buffer;
    let start = record.starts[field];
    let end = record.ends[field];
    if (record.hasDoubledQuotes[field] === 1) {
      bytes = Buffer.from(record.text(buffer, field));
      start = 0;
      end = bytes.length;
    }
    if (start === end) this.fail('the key is empty.');
    const known = keys.size;
    const id = keys.intern(bytes, start, end);
    if (id === known && !isUtf8(buffer.subarray(record.starts[field], record.ends[field]))) {
      this.fail(
        'the key is not UTF-8 text. Write binary keys in hexadecimal, or another form of text.',
      );
    }
    return id;
  }

  private value(buffer: Buffer, field: number, op: number): number {
    const { record } = this;
    const start = record.starts[field];
    const end = record.ends[field];
    if (start === end && WITHOUT_VALUE.has(op)) return 0;
    const bytes = parseDigits(buffer, start, end);
    if (bytes === NOT_A_NUMBER || bytes > MAX_VALUE_BYTES) {
      this.failField(
        buffer,
        field,
        'value_bytes',
        `a whole number of bytes, 0 … ${MAX_VALUE_BYTES}`,
      );
    }
    return bytes;
  }

  private ttl(buffer: Buffer, field: number, op: number): number {
    const { record } = this;
    const start = field < 0 ? 0 : record.starts[field];
    const end = field < 0 ? 0 : record.ends[field];
    if (start === end) {
      if (op === EXPIRE) this.fail('expire needs a ttl_s.');
      return NO_TTL;
    }
    if (op === SETKEEP) this.fail('setkeep keeps the TTL a key has; leave its ttl_s empty.');
    const ms = parseSeconds(buffer, start, end);
    if (ms === NOT_A_NUMBER || ms > MAX_TTL_SECONDS * 1000 || (ms === 0 && op !== EXPIRE)) {
      const allowed = `seconds above 0 (up to three decimals, at most ${MAX_TTL_SECONDS}), or empty for none`;
      this.failField(buffer, field, 'ttl_s', allowed);
    }
    return encodeTtl(ms);
  }

  private failField(buffer: Buffer, field: number, column: string, allowed: string): never {
    this.fail(`${column} "${this.record.text(buffer, field).slice(0, 40)}" is not ${allowed}.`);
  }

  private fail(what: string): never {
    throw new UsageError(`${this.file}:${this.line}: ${what}`);
  }
}

/** The generic trace: the columns of the header by name, in any order; other columns are left out. */
export const csv: TraceReader = {
  name: 'csv',
  summary: 'Generic CSV: time_ms,op,key,value_bytes,ttl_s; quoted as in RFC 4180, plain or .gz.',
  suffixes: ['.csv'],
  async read(chunks, file, options, builder) {
    const parser = new CsvTraceParser(file, options, builder);
    for await (const chunk of chunks) parser.push(chunk, false);
    return parser.finish();
  },
};
