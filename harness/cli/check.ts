import { type Command, InvalidArgumentError, Option } from 'commander';

/** `cutover check serve`. */
export function addCheckCommand(program: Command): void {
  const check = program.command('check').description('a test host for the device of a customer who is on the phone');
  check
    .command('serve')
    .description('strict-only servers; a code for each call ties what a device does to the call')
    .option('--listen <address>', 'address that devices dial', '127.0.0.1')
    .option('--public', 'let --listen be an address that strangers on the internet reach; see harness/check/README.md')
    .option('--host <name>', 'name under which devices reach it (default: the address)')
    .option('-m, --mode <mode>', 'a strict policy: a mode by name, or a YAML file with your own certificate', 'strict')
    .option('--ports <port...>', 'of 25, 110, 143, 465, 587, 993, 995 (default: all but 25)', parsePort, [])
    .option('--port-offset <n>', 'added to each port, where the system keeps the low ones for itself', parseOffset, 0)
    .option('--minutes <n>', 'how long a code is valid', parseMinutes, 30)
    .option('--page-listen <address>', "address of the agents' page; never a public one", '127.0.0.1')
    .option('--page-port <n>', "port of the agents' page (default: a free one)", parseOffset, 0)
    .option('--no-page', 'only the console')
    .option('--json', 'print one JSON object a line on stdout, and nothing else there')
    .addOption(new Option('--language <language>', 'of the console').choices(['de', 'en']).default('de'))
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      const { serveChecks } = await import('./check-serve.ts');
      process.exitCode = await serveChecks(options);
    });
}

const EXAMPLES = `
Examples:
  npx cutover check serve --port-offset 2000                  to try it out: ports 2465, 2587 … of this machine
  npx cutover check serve --listen 192.0.2.10 --public --host test.example.org --mode ./my-strict.yaml

Orders on the console: open [note] · close ID · claim ID ATTEMPT · list · invite · quit
Exit codes: 0 ended by quit · 64 wrong usage · 78 wrong configuration · 130 interrupted`;

function parsePort(text: string, before: readonly number[]): number[] {
  const port = Number(text);
  if (![25, 110, 143, 465, 587, 993, 995].includes(port))
    throw new InvalidArgumentError('It is one of 25, 110, 143, 465, 587, 993, 995.');
  return [...before, port];
}

function parseOffset(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 60_000) throw new InvalidArgumentError('It is a number up to 60000.');
  return Number(text);
}

function parseMinutes(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > 240)
    throw new InvalidArgumentError('It is a whole number of minutes from 1 to 240.');
  return Number(text);
}
