/** `npm run docs` */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderErrorDocs } from './error-docs.ts';

writeFileSync(join(import.meta.dirname, '../docs/errors.md'), await renderErrorDocs());
