import { type Command, Option } from 'commander';
import { parseDay } from './parse-day.ts';

/** `cutover merge`. */
export function addMergeCommand(program: Command): void {
  program
    .command('merge')
    .argument('<run...>', 'run folders, or folders that were given to `run --out`')
    .description('join the shards of a run, or the runs of several sites, to one run')
    .requiredOption('-o, --out <folder>', 'where the joined run and its reports go')
    .option('--as-of <date>', 'day that the reports speak of, YYYY-MM-DD (default: today)', parseDay)
    .option('--json', 'print the verdicts as a JSON array on stdout, and nothing else there')
    .option('--no-reports', 'records, evidence and verdicts only; `cutover report` writes the reports')
    .option('--no-html', 'leave out the Allure pages')
    .addOption(new Option('--language <language>', 'of the Allure pages').choices(['de', 'en']).default('de'))
    .addHelpText('after', MERGE_EXAMPLES)
    .action(async (runs, options) => {
      const { mergeRuns } = await import('./merge.ts');
      process.exitCode = await mergeRuns(runs, options);
    });
}

const MERGE_EXAMPLES = `
Examples:
  npx cutover merge shard-1 shard-2 shard-3 shard-4 --out out    each folder was given to \`run --shard i/4 --out\`
  npx cutover merge berlin munich --out out                      the runs of two sites

The parts stay as they are. Their evidence is linked where the file system can, else copied.
Refused: parts that are missing, there twice or not finished; other modes, engines or versions.

Exit codes: those of \`cutover run\``;
