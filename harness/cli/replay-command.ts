import { type Command, InvalidArgumentError, Option } from 'commander';
import { collectPorts } from './parse-ports.ts';

/** `cutover replay`: recorded hellos against running servers, beside what is predicted. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('send recorded hellos to servers of a mode, and compare what they answer with what is predicted')
    .requiredOption('-m, --mode <mode...>', 'modes by name, or YAML files of your own')
    .addOption(
      new Option('-e, --engine <engine>', 'whose servers')
        .choices(['embedded', 'containers', 'hosts'])
        .default('embedded'),
    )
    .option('-p, --port <port...>', 'endpoints by their port (default: 465 587 993 143)', collectPorts)
    .option('-d, --device <id...>', "only these devices; a pattern takes several: 'lab-*'")
    .option('--mutated <n>', 'so many made-up hellos instead of the recorded ones, 100,000 at most', parseMutated)
    .option('--seed <n>', 'of the made-up hellos', parseCount, 1)
    .option('--corpus <folder>', 'folder of your own recordings, beside those of the fleets', 'out/corpus')
    .option('--i-operate-these-servers', 'for --engine hosts: they are yours; without it nothing is asked')
    .option(
      '--pause <ms>',
      'for --engine hosts: between two connections, of which there is one at a time',
      parseCount,
      200,
    )
    .option('--json', 'print a JSON array, one mode and port an entry')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      const { replayCorpus } = await import('./replay.ts');
      process.exitCode = await replayCorpus(options);
    });
}

/** All of them are made before the first is sent. */
function parseMutated(text: string): number {
  const count = parseCount(text);
  if (count > 100_000) throw new InvalidArgumentError('It is 100000 at most; other seeds make others.');
  return count;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

const EXAMPLES = `
Examples:
  npx cutover replay --mode strict                                every recording, on four ports
  npx cutover replay --mode ./mine.yaml --engine containers       against Postfix and Dovecot
  npx cutover replay --mode ./my-strict.yaml --engine hosts --i-operate-these-servers
                                                                  against servers that exist
  npx cutover replay --mode strict --mutated 2000 --port 465      made-up hellos

Exit codes: 0 all as predicted · 1 something differs, listed with both sides · 2 servers that gave no answer`;
