import type { Command } from 'commander';
import { parseDay } from './parse-day.ts';

/** Adds `cutover baseline accept|excuse|compare` and `cutover diff`. */
export function addBaselineCommands(program: Command): void {
  const baseline = program.command('baseline').description('the accepted state that `run --baseline` compares with');
  baseline
    .command('accept')
    .argument('<run>', 'a run folder, or an output folder: its newest run')
    .description('take the findings of a run as the accepted state')
    .option('--file <file>', 'the baseline: one line a finding, to be reviewed and kept with your modes', FILE)
    .option('--partial', 'also of a run that was interrupted or in trouble: what it answered')
    .addHelpText('after', ACCEPT_EXAMPLES)
    .action(async (run: string, options) => {
      const { acceptBaseline } = await import('./baseline.ts');
      process.exitCode = await acceptBaseline(run, options);
    });
  baseline
    .command('excuse')
    .argument('<key>', 'a question, as the baseline and comparison.json name it')
    .description('somebody answers for a finding until a day')
    .requiredOption('--reason <text>', 'why it may be so')
    .requiredOption('--owner <name>', 'who answers for it')
    .requiredOption('--expires <date>', 'the last day, YYYY-MM-DD')
    .option('--cause <cause>', 'only for this cause')
    .option('--file <file>', 'the baseline', FILE)
    .addHelpText('after', EXCUSE_EXAMPLES)
    .action(async (key: string, options) => {
      const { excuseFinding } = await import('./baseline.ts');
      process.exitCode = await excuseFinding(key, options);
    });
  baseline
    .command('compare')
    .argument('<run>', 'a run folder, or an output folder: its newest run')
    .description('compare a run that is there, e.g. a merged one, as `run --baseline` does at its end')
    .option('--file <file>', 'the baseline', FILE)
    .option('--as-of <date>', 'day on which excuses must hold, YYYY-MM-DD (default: today)', parseDay)
    .action(async (run: string, options) => {
      const { compareAgain } = await import('./baseline.ts');
      process.exitCode = await compareAgain(run, options);
    });
  program
    .command('diff')
    .argument('<before>', 'a run folder, an output folder (its newest run), or a baseline')
    .argument('<after>', 'a run folder, or an output folder')
    .description('what is not the same in two runs, and why: exit code 1 when something is not')
    .option('--json', 'print the comparison as one JSON object')
    .option('--markdown', 'for a merge request: differences of one reason are one line')
    .addHelpText('after', DIFF_EXAMPLES)
    .action(async (before: string, after: string, options) => {
      const { diffRuns } = await import('./diff.ts');
      process.exitCode = await diffRuns(before, after, options);
    });
}

const FILE = 'baseline.jsonl';

const ACCEPT_EXAMPLES = `
Examples:
  npx cutover baseline accept out                      the newest run of out, into baseline.jsonl
  npx cutover run --baseline baseline.jsonl            run again: what changed, and whose change it is
  npx cutover baseline accept out --file lab2.jsonl

What the run did not ask (other devices, modes, engines) stays as it was; excuses stay while they are needed.`;

const EXCUSE_EXAMPLES = `
Example:
  npx cutover baseline excuse emu-druckwerk-mfp/submit/starttls-587/strict/question/embedded \\
    --reason 'replaced in March' --owner 'Support' --expires 2027-03-31

An excuse that has expired, that is for nothing, or for something that works again, fails the next run.`;

const DIFF_EXAMPLES = `
Examples:
  npx cutover diff out/runs/2026-01-01T… out           one run against the newest
  npx cutover diff baseline.jsonl out --markdown       for a merge request`;
