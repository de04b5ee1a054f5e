import type { Command } from 'commander';
import { parseDay } from './parse-day.ts';

/** Adds `cutover readiness`. */
export function addReadinessCommand(program: Command): void {
  program
    .command('readiness')
    .argument('[folder]', 'folder that was given to `run --out`', 'out')
    .description('ready for the cutover? what the page readiness.en.html recommends, and the criterion that decides')
    .option('--as-of <date>', 'day that it is asked for, YYYY-MM-DD (default: today)', parseDay)
    .option('--json', 'print one JSON object: {ready, asOf, criteria}')
    .addHelpText(
      'after',
      '\nExample:\n  npx cutover readiness out && ./switch-to-strict.sh\n\nExit codes: 0 go · 1 not yet',
    )
    .action(async (folder: string, options) => {
      const { tellReadiness } = await import('./readiness.ts');
      process.exitCode = tellReadiness(folder, options);
    });
}
