import { type Command, InvalidArgumentError, Option } from 'commander';

/** `cutover attend`. */
export function addAttendCommand(program: Command): void {
  program
    .command('attend')
    .description('devices that a person presses: what to enter is shown on tablets, results come live')
    .option('--list <file>', 'devices as a spreadsheet (.xlsx, .csv), which is given back with their verdicts')
    .option('-d, --device <id...>', "devices that have a file; a pattern takes several: 'hp-*'")
    .option('--listen <address>', 'address of this machine that devices and tablets dial', '127.0.0.1')
    .addOption(
      new Option('--ports <ports>', 'canonical: 25, 110, 143, 465, 587, 993, 995 themselves; mapped: free ones')
        .choices(['canonical', 'mapped'])
        .default('canonical'),
    )
    .option(
      '--names [port]',
      "devices are told the provider's host names, and a name server here (port 53) leads them to --listen; " +
        '"elsewhere": your router or hosts files do',
      parseNames,
    )
    .option(
      '--certificate-chain <file>',
      "the provider's own certificates, as its servers send them (PEM); needs --names",
    )
    .option('--certificate-key <file>', 'the key of the first of them (PEM): read here, copied nowhere')
    .option('--page-port <port>', 'of the page (default: any that is free)', parsePort, 0)
    .option(
      '--wait <seconds>',
      'for a connection after the button was pressed (default: as the device file says)',
      parseWait,
    )
    .option('-m, --mode <mode...>', 'modes by name, or YAML files of your own (default: today strict legacy)')
    .option('-o, --out <folder>', 'where runs and reports go', 'out')
    .option('--resume <folder>', 'go on with a run that was cut off: its folder, or the one given to --out')
    .option('--console', 'without a page: prompts in this terminal')
    .option('--simulate', 'press every emulated device as a person would, and compare with a fixed order of presses')
    .option('--devices <folder>', 'folder of device files (default: the ones that come with cutover)')
    .option('--keep-bodies', 'keep the text of mails in captures')
    .option('--no-html', 'leave out the Allure pages (results are written all the same)')
    .addOption(
      new Option('--language <language>', 'of the Allure pages, and of instructions for people')
        .choices(['de', 'en'])
        .default('de'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async ({ simulate, names: asked, ...rest }) => {
      // Without a port it is the one that devices ask at.
      const options = asked === undefined ? rest : { ...rest, names: asked === true ? DNS_PORT : asked };
      if (simulate === true) {
        const { simulateAttended } = await import('./simulate.ts');
        process.exitCode = await simulateAttended(options);
        return;
      }
      const { list } = options;
      if (list !== undefined) {
        const { attendListed } = await import('../list-run.ts');
        process.exitCode = await attendListed({ ...options, list });
        return;
      }
      const { attend } = await import('./attend.ts');
      process.exitCode = await attend(options);
    });
}

const EXAMPLES = `
Examples:
  npx cutover attend --list printers.xlsx --listen 192.168.0.10       needs the right to bind ports below 1024
  npx cutover attend --list printers.csv --listen 192.168.0.10 --ports mapped
  npx cutover attend --list printers.csv --listen 192.168.0.10 --names --certificate-chain chain.pem --certificate-key key.pem
                                                                      devices that check certificates meet your own
  npx cutover attend --device my-camera --console --ports mapped      without a tablet
  npx cutover attend --resume out                                     after a crash, with the same tablets
  npx cutover attend --simulate                                       how many presses the emulated devices need

Exit codes: 0 ended, reports written · 1 a report was not written, or the simulation broke a promise · 64 wrong usage ·
78 wrong configuration · 130 interrupted (go on with --resume)`;

/** RFC 1035 section 4.2. */
const DNS_PORT = 53;

function parseNames(text: string): number | 'elsewhere' {
  return text === 'elsewhere' ? text : parsePort(text);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('It is a number from 0 to 65535.');
  return port;
}

/** In milliseconds. */
function parseWait(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number of seconds from 1 on.');
  return Number(text) * 1000;
}
