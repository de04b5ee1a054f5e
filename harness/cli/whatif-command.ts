import { type Command, Option } from 'commander';

/** `cutover whatif`: what another policy would do to every client whose hello was recorded. */
export function addWhatIfCommand(program: Command): void {
  program
    .command('whatif')
    .description('predict, from recorded hellos, who is lost and gained when a policy changes; nothing is run')
    .requiredOption('-m, --mode <mode...>', 'modes by name, or YAML files of your own; several give a matrix')
    .option(
      '-c, --change <change...>',
      'keys of the mode that change: tls.min=1.3, suites-=TLS_RSA_*, groups+=secp256k1',
    )
    .option('--against <mode>', 'the mode that it is compared with (default: the same without --change, else today)')
    .addOption(
      new Option('-e, --engine <engine>', 'whose servers: rules differ')
        .choices(['embedded', 'containers'])
        .default('embedded'),
    )
    .option('-d, --device <id...>', "only these devices; a pattern takes several: 'lab-*'")
    .option('--corpus <folder>', 'folder of your own recordings, beside those of the fleets', 'out/corpus')
    .option('--all', 'name also the clients for which nothing changes')
    .option('--json', 'print a JSON array, one client an entry')
    .addHelpText('after', EXAMPLES)
    .action(async (options) => {
      const { showWhatIf } = await import('./whatif.ts');
      process.exitCode = showWhatIf(options);
    });
}

const EXAMPLES = `
Examples:
  npx cutover whatif --mode strict --change tls.min=1.3             TLS 1.3 alone
  npx cutover whatif --mode strict --change 'suites-=TLS_RSA_*'     no RSA key exchange
  npx cutover whatif --mode ./mine.yaml --against strict            a policy of your own
  npx cutover whatif --mode today strict legacy --json              a matrix

All is predicted from the hello. What a hello does not tell (trust in the certificate, login, the mail's way) is taken
from what was measured of the client, and is "cannot be predicted" where that does not show it.`;
