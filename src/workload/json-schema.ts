import { z } from 'zod';
import { groupedFileSchema, simpleFileSchema } from './spec.ts';

/** The JSON Schema (draft 7) of workload files, by which editors complete and check them. */
export function workloadJsonSchema(): Record<string, unknown> {
  const file = z.union([simpleFileSchema, groupedFileSchema]);
  return {
    ...z.toJSONSchema(file, { target: 'draft-7', io: 'input', reused: 'ref' }),
    title: 'evictlab workload',
    description: 'What is asked of a server: which keys, how often, how large, for how long.',
  };
}
