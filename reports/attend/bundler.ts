import { join } from 'node:path';
import { rolldown } from 'rolldown';

// Prints the page's program as one script. The texts are the same TypeScript that the reports use. Schemas stay out: a
// file whose exports are not used is left out with what it would do.
await using bundle = await rolldown({
  input: join(import.meta.dirname, 'page.ts'),
  platform: 'browser',
  treeshake: { moduleSideEffects: (file) => file.endsWith('/attend/page.ts') },
  logLevel: 'silent',
});
const { output } = await bundle.generate({ format: 'iife', minify: true, comments: false });
const [script, ...others] = output;
if (others.length > 0) throw new Error(`the page is one script, the bundler made ${output.length} files`);
process.stdout.write(script.code);
