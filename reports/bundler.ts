import { rolldown } from 'rolldown';

// Prints a page's program as one classic script: module scripts are refused under file://. The texts are the same
// TypeScript that the command line uses. Schemas stay out: a file whose exports are not used is left out with what it
// would do. Started by bundle-script.ts with the path of the page.
const [page = ''] = process.argv.slice(2);
await using bundle = await rolldown({
  input: page,
  platform: 'browser',
  treeshake: { moduleSideEffects: (file) => file === page },
  logLevel: 'silent',
});
const { output } = await bundle.generate({ format: 'iife', minify: true, comments: false });
const [script, ...others] = output;
if (others.length > 0) throw new Error(`the page is one script, the bundler made ${output.length} files`);
process.stdout.write(script.code);
