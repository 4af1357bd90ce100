/** Writes schema/scenario.schema.json. */
import { writeFileSync } from 'node:fs';
import { scenarioJsonSchema } from './schema.ts';

const file = new URL('../../schema/scenario.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
