import type { Command } from 'commander';
import { collectPortMeanings } from './parse-ports.ts';

/** `cutover corpus …`: recorded hellos. */
export function addCorpusCommand(program: Command): void {
  const corpus = program
    .command('corpus')
    .description('recorded ClientHellos: what is predicted and replayed')
    .addHelpText('after', EXAMPLES);
  const own = (command: Command) =>
    command.option('--corpus <folder>', 'folder of your own recordings, beside those of the fleets', 'out/corpus');

  own(corpus.command('list'))
    .description('every hello, and who says it')
    .option('--json', 'print a JSON array')
    .action(async (options) => {
      const { listCorpus } = await import('./corpus.ts');
      process.exitCode = listCorpus(options);
    });
  own(corpus.command('show'))
    .argument('<name...>', 'id (or its first digits), device, device@firmware')
    .description('what a hello says, in plain words')
    .option('--json', 'print a JSON array')
    .action(async (names, options) => {
      const { showRecordings } = await import('./corpus.ts');
      process.exitCode = showRecordings(names, options);
    });
  own(corpus.command('add'))
    .argument('<run...>', 'folder that was given to `run --out`, or one run in it')
    .description('keep the hellos of all trials of runs, each once, with what came of them')
    .action(async (runs, options) => {
      const { addRuns } = await import('./corpus.ts');
      process.exitCode = addRuns(runs, options);
    });
  own(corpus.command('import'))
    .argument('[file...]', 'captures (pcap, pcapng), lists of hellos (hexadecimal lines, JSON)')
    .option('--testssl [path]', "the clients of testssl.sh's list, where it is installed")
    .option('-d, --device <name>', 'whose hellos these are; without it clients are numbered')
    .option('--model <text>', 'its vendor and model')
    .option('--firmware <version>', 'its version')
    .option('--client <address>', 'only connections from this address')
    .option('-p, --port <n=port>', 'another port of a capture, and what it stands for: 2525=587', collectPortMeanings)
    .description("keep the hellos of others' recordings; of a capture nothing else is kept")
    .action(async (files, options) => {
      const { importRecordings } = await import('./corpus-import.ts');
      process.exitCode = importRecordings(files, options);
    });
  own(corpus.command('remove'))
    .argument('<name...>', 'id (or its first digits), device, device@firmware')
    .description('forget recordings of your own')
    .action(async (names, options) => {
      const { removeRecordings } = await import('./corpus.ts');
      process.exitCode = removeRecordings(names, options);
    });
}

const EXAMPLES = `
Examples:
  npx cutover corpus add out                         the hellos of all runs in out, into out/corpus
  npx cutover corpus import printer.pcap --device printer-2nd-floor
                                                     of a capture on a mail port
  npx cutover corpus show emu-druckwerk-mfp          what a device says first
  npx cutover corpus list --json                     all of them, as a JSON array`;
