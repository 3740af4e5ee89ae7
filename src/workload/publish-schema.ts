import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workloadJsonSchema } from './json-schema.ts';
import { packageRoot } from './load.ts';

// `npm run schema` writes the JSON Schema that workloads/*.yaml point to; a test checks that it is up to date.
const path = join(packageRoot(), 'workloads', 'workload.schema.json');
writeFileSync(path, `${JSON.stringify(workloadJsonSchema(), undefined, 2)}\n`);
