import { csv } from './csv.ts';
import { oracleGeneral } from './oracle-general.ts';
import type { TraceReader } from './reader.ts';

/** Every trace format that can be read. */
export const TRACE_READERS: readonly TraceReader[] = [csv, oracleGeneral];
