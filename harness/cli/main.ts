import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { HarnessFault } from '../faults.ts';
import { addAttendCommand } from './attend/command.ts';
import { addBaselineCommands } from './baseline-command.ts';
import { addCatalogueCommands } from './catalogue-commands.ts';
import { addCheckCommand } from './check.ts';
import { addCorpusCommand } from './corpus-command.ts';
import { ENGINE_CHOICES } from './engine-choices.ts';
import { EXIT } from './exit.ts';
import { addGuestsCommand } from './guests-command.ts';
import { addMergeCommand } from './merge-command.ts';
import { parseDay } from './parse-day.ts';
import { printable } from './printable.ts';
import { addReadinessCommand } from './readiness-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addWhatIfCommand } from './whatif-command.ts';
import { parseShard } from './shard.ts';

/** Parses, calls, prints. The only place where a fault becomes text and an exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    // Once a process: tests run many command lines in one.
    if (!stream.listeners('error').includes(forgiveClosed)) stream.on('error', forgiveClosed);
  }
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
  } catch (fault) {
    process.exitCode = reportFault(fault);
  }
}

/** A closed terminal or pipe takes the output, but must not take records and reports with it. */
function forgiveClosed(fault: NodeJS.ErrnoException): void {
  if (fault.code !== 'EPIPE' && fault.code !== 'EIO') throw fault;
}

function createProgram(): Command {
  const program = new Command('cutover')
    .description(
      'Which devices stop sending or fetching mail when the servers refuse plaintext and TLS 1.0/1.1, why, and what helps.',
    )
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('Run the command with --help for examples.');

  program
    .command('run')
    .description('run devices against the modes, judge, and write the reports')
    .option('-d, --device <id...>', "only these devices; a pattern takes several: 'emu-*'")
    .option('-k, --kind <kind...>', 'only devices of these kinds: mfp, router, camera …')
    .option('--site <name>', 'only devices whose files name this site: the lab in which they stand')
    .option(
      '--shard <i/n>',
      'only the i-th of n parts, by device: one for each machine; then `cutover merge`',
      parseShard,
    )
    .option('--list <file>', 'only the devices of a spreadsheet (.xlsx, .csv), which is given back with their verdicts')
    .option('-m, --mode <mode...>', 'modes by name, or YAML files of your own (default: today strict legacy)')
    .option('-s, --scenario <id...>', 'scenarios by name (default: all that are not on request)')
    .addOption(
      new Option('-e, --engine <engine>', 'mail servers that judge: auto takes containers where they can be had')
        .choices(ENGINE_CHOICES)
        .default('auto'),
    )
    .option('--i-operate-these-servers', 'for --engine hosts: they are yours; see `cutover prove` first')
    .option('--pause <ms>', 'for --engine hosts: between two connections of their proof', parseCount, 200)
    .option('--listen <address>', 'address that servers and taps bind', '127.0.0.1')
    .option('--as-of <date>', 'day that the reports speak of, YYYY-MM-DD (default: today)', parseDay)
    .option('-o, --out <folder>', 'where runs and reports go', 'out')
    .option('--resume <run>', 'go on with a run that was cut off: its folder, or the one that holds it')
    .option('--baseline <file>', 'compare with the accepted state: what changed, and whose change it is')
    .option('-p, --parallel <n>', 'devices at a time (default: three per core)', parseCount)
    .option('--json', 'print the verdicts as a JSON array on stdout, and nothing else there')
    .option('--devices <folder>', 'folder of device files (default: the ones that come with cutover)')
    .option('--allow-programs', 'let device files start programs on this machine')
    .option('--keep-bodies', 'keep the text of mails in captures')
    .option('--no-html', 'leave out the Allure pages (results are written all the same)')
    .option('--no-reports', 'records, evidence and verdicts only, as for a shard; `cutover report` writes the reports')
    .addOption(new Option('--language <language>', 'of the Allure pages').choices(['de', 'en']).default('de'))
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (options, command: Command) => {
      const given = Object.keys(options).filter((name) => command.getOptionValueSource(name) === 'cli');
      const { list } = options;
      if (list !== undefined) {
        const { runListed } = await import('./list-run.ts');
        process.exitCode = await runListed({ ...options, list, given });
        return;
      }
      const { runCampaign } = await import('./run.ts');
      process.exitCode = await runCampaign({ ...options, given });
    });

  addMergeCommand(program);
  addAttendCommand(program);

  program
    .command('prove')
    .description('ask your own servers whether they do what their modes say, on every address, port and name')
    .requiredOption('-m, --mode <mode...>', 'YAML files of your modes; the first is what others are compared with')
    .option('--i-operate-these-servers', 'they are yours; without it nothing is asked')
    .option('--watch <minutes>', 'ask again and again, and print only what changed', parseMinutes)
    .option('--pause <ms>', 'between two connections; there is never more than one at a time', parseCount, 200)
    .option('--json', 'print one JSON object a round on stdout, and nothing else there')
    .addHelpText('after', PROVE_EXAMPLES)
    .action(async (options) => {
      const { proveServers } = await import('./hosts.ts');
      process.exitCode = await proveServers(options);
    });

  program
    .command('report')
    .argument('[folder]', 'folder that was given to `run --out`', 'out')
    .description('write all reports again from the records')
    .option('--as-of <date>', 'day that the reports speak of, YYYY-MM-DD (default: today)', parseDay)
    .option('--no-html', 'leave out the Allure pages')
    .addOption(new Option('--language <language>', 'of the Allure pages').choices(['de', 'en']).default('de'))
    .option('--samples', 'emulated devices on the lookup page, too')
    .option('--catalogue', 'also where no run is: the lookup page and the FAQ from what sources say')
    .option('--list <file>', 'give a spreadsheet of devices (.xlsx, .csv) back with what is known of each row')
    .addHelpText(
      'after',
      '\nExamples:\n  npx cutover report out --catalogue           before the first run\n  npx cutover report out --as-of 2025-03-01    the texts for the last days before the change',
    )
    .action(async (folder, options) => {
      const { list } = options;
      if (list !== undefined) {
        const { reportListed } = await import('./list-run.ts');
        process.exitCode = await reportListed(folder, { ...options, list });
        return;
      }
      const { reportAgain } = await import('./report.ts');
      process.exitCode = await reportAgain(folder, options);
    });

  program
    .command('judge')
    .argument('[folder]', 'output folder, or one run in it', 'out')
    .description('judge the stored evidence again and say which findings change')
    .option('--from-bytes', 'read the captures again instead of the facts in the records')
    .option('--confusion', 'print cause by construction against cause judged')
    .option('--json', 'print what changes, with old and new reasons, as a JSON array')
    .addHelpText(
      'after',
      '\nExamples:\n  npx cutover judge out\n  npx cutover judge out --confusion\n\nExit codes: 0 all findings are the same · 1 some change · 64 wrong usage · 78 unreadable records',
    )
    .action(async (folder, options) => {
      const { judgeAgain } = await import('./judge.ts');
      process.exitCode = await judgeAgain(folder, options);
    });

  addBaselineCommands(program);
  addReadinessCommand(program);
  addCatalogueCommands(program);
  addCorpusCommand(program);
  addWhatIfCommand(program);
  addReplayCommand(program);
  addCheckCommand(program);

  program
    .command('refusals')
    .description('which way of refusing is kindest: what devices do when the servers say no in different ways')
    .option('-d, --device <id...>', 'only these devices')
    .option('-k, --kind <kind...>', 'only devices of these kinds: mfp, router, camera …')
    .option('-s, --style <style...>', 'ways of refusing by name, or YAML files of your own (default: all)')
    .option('--policy <mode>', 'the policy that refuses: a mode, or a YAML file', 'strict')
    .option('--window <seconds>', "how long each device is watched, in the device's own time", parseSeconds, 600)
    .option('--listen <address>', 'address that servers and taps bind', '127.0.0.1')
    .option('-o, --out <folder>', 'where runs and the report go; a folder without other runs', 'out/refusals')
    .option('-p, --parallel <n>', 'devices at a time (default: six per core)', parseCount)
    .option('--devices <folder>', 'folder of device files (default: the ones that come with cutover)')
    .option('--allow-programs', 'let device files start programs on this machine')
    .option('--from-records', 'write the report again from the records, without a device')
    .addOption(new Option('--language <language>', 'of the report').choices(['de', 'en']).default('de'))
    .addHelpText('after', REFUSALS_EXAMPLES)
    .action(async (options) => {
      const { compareRefusals } = await import('./refusals.ts');
      process.exitCode = await compareRefusals(options);
    });

  const images = program.command('images').description('images of the servers and devices that run in containers');
  images
    .command('build')
    .argument('[name...]', 'only these (default: all)')
    .description('build what is not built from the files that there are now')
    .option('--base <image>', 'image that ours are built on (default: the one that Dockerfiles name)')
    .option('--verbose', 'print the logs')
    .addHelpText('after', '\nExamples:\n  npx cutover images build\n  npx cutover images build postfix --verbose')
    .action(async (names, options) => {
      const { buildNamed } = await import('./images.ts');
      process.exitCode = await buildNamed(names, options);
    });
  images
    .command('list')
    .description('which are built, which are not')
    .option('--json', 'print a JSON array')
    .action(async (options) => {
      const { listAll } = await import('./images.ts');
      process.exitCode = await listAll(options);
    });
  images
    .command('remove')
    .argument('[name...]', 'only these (default: all)')
    .description('remove images of ours, and what killed runs left at the container engine')
    .action(async (names) => {
      const { removeNamed } = await import('./images.ts');
      process.exitCode = await removeNamed(names);
    });
  addGuestsCommand(program);

  program
    .command('doctor')
    .description('what is here, what is missing, what to do about it')
    .action(async () => {
      const { examine } = await import('./doctor.ts');
      process.exitCode = await examine();
    });

  program
    .command('purge')
    .argument('[folder]', 'folder that was given to `run --out`', 'out')
    .description('delete old runs with their captures')
    .requiredOption('--older-than <age>', 'e.g. 90d, 12h', parseAge)
    .addHelpText('after', '\nExample:\n  npx cutover purge --older-than 90d')
    .action(async (folder, options) => {
      const { purgeRuns } = await import('./purge.ts');
      process.exitCode = purgeRuns(folder, options.olderThan);
    });
  return program;
}

const RUN_EXAMPLES = `
Examples:
  npx cutover run                                    all devices that can be reached, three modes
  npx cutover run --device emu-druckwerk-mfp         one device
  npx cutover run --list printers.xlsx               the devices of a list, which is given back with verdicts
  npx cutover run --mode strict ./staging.yaml       strict, and a mode of your own
  npx cutover run --listen 192.168.0.10              devices on the network (never a public address)
  npx cutover run --resume out                       go on after a crash, Ctrl-C or a full disk
  npx cutover run --shard 2/4                        the second of four machines; cutover merge joins them
  npx cutover run --json | jq '.[].verdict'          for programs

Exit codes: 0 as expected · 1 findings differ from the baseline or from what device files expect, or a report was not written · 2 too much inconclusive ·
64 wrong usage · 70 a fault of cutover itself · 78 wrong configuration · 130 interrupted (what was done is complete)`;

const REFUSALS_EXAMPLES = `
Examples:
  npx cutover refusals                               all devices that send, today's policy and six ways of refusing
  npx cutover refusals --device emu-druckwerk-mfp    one device
  npx cutover refusals --style alert silent          two of the ways, from harness/modes/refusals
  npx cutover refusals --from-records --language en  the report again, in English

Clocks of emulated devices run faster, so 10 minutes of them take seconds; all other devices are watched in real time.`;

const PROVE_EXAMPLES = `
Examples:
  npx cutover prove --i-operate-these-servers --mode ./my-strict.yaml
  npx cutover prove --i-operate-these-servers --mode ./my-today.yaml ./my-strict.yaml ./my-legacy.yaml
  npx cutover prove --i-operate-these-servers --mode ./my-strict.yaml --watch 15

A mode of your own names hosts, aliases and a test account: see harness/servers/hosts/README.md.
No password is ever sent without TLS, and no mail is sent.

Exit codes: 0 all as the modes say · 1 something differs · 64 wrong usage · 78 wrong configuration · 130 interrupted`;

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

function parseSeconds(text: string): number {
  if (!/^[1-9]\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number of seconds from 10 on.');
  return Number(text);
}

/** In milliseconds. */
function parseMinutes(text: string): number {
  if (!/^\d{1,4}(?:\.\d{1,4})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It is a number of minutes, e.g. 15.');
  return Number(text) * 60_000;
}

/** In milliseconds. */
function parseAge(text: string): number {
  const [, count, unit] = /^(\d+)([hd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('An age is a number with h (hours) or d (days): 90d.');
  return Number(count) * (unit === 'h' ? 3_600_000 : 86_400_000);
}

function reportFault(fault: unknown): number {
  if (fault instanceof CommanderError) return fault.exitCode === 0 ? EXIT.expected : EXIT.usage;
  if (fault instanceof HarnessFault) {
    console.error(printable(`cutover: ${fault.message}${fault.advice === undefined ? '' : `\n  → ${fault.advice}`}`));
    return fault.exitCode;
  }
  // Not foreseen: the stack is what a report needs.
  console.error('cutover: an unforeseen fault; what was recorded is kept.');
  console.error(printable(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)));
  return 70;
}
