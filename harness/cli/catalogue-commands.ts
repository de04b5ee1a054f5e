import { type Command, Option } from 'commander';
import { addDevicesImport } from './devices-import-command.ts';
import { parseDay } from './parse-day.ts';

/** Commands that answer from device files and records, and run nothing. */
export function addCatalogueCommands(program: Command): void {
  program
    .command('lookup')
    .argument('<words...>', 'model, vendor, kind or alias, as people type it')
    .description('what is known of a device')
    .option('-o, --out <folder>', 'folder with runs', 'out')
    .option('--as-of <date>', 'day of the answer, YYYY-MM-DD (default: today)', parseDay)
    .addOption(new Option('--language <language>', 'of the answer').choices(['de', 'en']).default('de'))
    .option('--device-os <id>', 'answers the question for the system: windows-7, android-4.4 …')
    .option('--firmware <version>', 'answers the question for the version of the firmware or program')
    .option('--samples', 'find emulated devices and those of the lab, too')
    .option('--all', 'every statement, error and menu of the device, with whole addresses')
    .option('--json', 'print the answers as a JSON array')
    .addHelpText('after', LOOKUP_EXAMPLES)
    .action(async (words, options) => {
      const { lookUp } = await import('./lookup.ts');
      process.exitCode = await lookUp(words, options);
    });

  program
    .command('explain')
    .argument('<text...>', 'error text or code, or lines of a log; - reads standard input')
    .description('what an error text or a log excerpt means: probable causes, what to ask, how to confirm')
    .addOption(new Option('--language <language>', 'of the answer').choices(['de', 'en']).default('de'))
    .option('--json', 'print the explanations as a JSON array')
    .addHelpText('after', EXPLAIN_EXAMPLES)
    .action(async (words, options) => {
      const { explain } = await import('./explain.ts');
      process.exitCode = await explain(words, options);
    });

  program
    .command('provider-list')
    .description("the provider's own list of what keeps working, row by row beside the evidence")
    .option('-o, --out <folder>', 'folder with runs', 'out')
    .addOption(new Option('--language <language>', 'of the answer').choices(['de', 'en']).default('de'))
    .option('--json', 'print the list with its evidence as JSON')
    .action(async (options) => {
      const { showProviderList } = await import('./provider-list.ts');
      process.exitCode = await showProviderList(options);
    });

  program
    .command('agreement')
    .description('how often claims, predictions and measurements agree')
    .option('-o, --out <folder>', 'folder with runs', 'out')
    .addOption(new Option('--language <language>', 'of the answer').choices(['de', 'en']).default('de'))
    .addOption(
      new Option('--replay <engine>', 'send all recordings to servers of this engine, too').choices([
        'embedded',
        'containers',
      ]),
    )
    .option('--json', 'print the counts as JSON')
    .action(async (options) => {
      const { showAgreement } = await import('./agreement.ts');
      process.exitCode = await showAgreement(options);
    });

  const devices = program.command('devices').description('device files: import a list of devices, check files');
  addDevicesImport(devices);
  for (const parent of [program, devices]) {
    parent
      .command('lint')
      .argument('[folder]', 'folder of device files (default: the ones that come with cutover)')
      .description('check device files and their claims; every problem with file, line and column')
      .action(async (folder) => {
        const { lintDevices } = await import('./lint.ts');
        process.exitCode = lintDevices(folder);
      });
  }
}

const LOOKUP_EXAMPLES = `
Examples:
  npx cutover lookup fritzbox 6.0                    a model, and the version that its owner named
  npx cutover lookup outlook 2010 windows 7          a program, and the system that it runs on
  npx cutover lookup 0x800CCC0B --language en        a text or code that a device shows
  npx cutover lookup druckwerk 310 --samples         emulated devices, too`;

const EXPLAIN_EXAMPLES = `
Examples:
  npx cutover explain 535 5.7.8                      a reply of a server
  npx cutover explain 0x800CCC0B                     a code of a program or a panel
  tail -n 50 mail.log | npx cutover explain -        lines of a log; those that tell nothing are ignored`;
