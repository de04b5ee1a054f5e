import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

// Prints the page's program without its types, which is all that a browser needs of it: it imports nothing but types.
process.stdout.write(stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'page.ts'), 'utf8')));
