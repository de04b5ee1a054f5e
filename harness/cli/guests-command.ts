import type { Command } from 'commander';

/** `cutover guests`: images of old systems that QEMU boots, and of foreign root file systems. */
export function addGuestsCommand(program: Command): void {
  const guests = program.command('guests').description('images of the old systems that QEMU boots or enters');
  guests
    .command('build')
    .argument('[name...]', 'only these (default: all)')
    .description('make what is not made from the recipes that there are now; needs no root')
    .option('--sources <file>', 'a list of apt sources that have the packages (default: those of this machine)')
    .option('--refresh', 'look for newer packages, too')
    .addHelpText('after', '\nExamples:\n  npx cutover guests build\n  npx cutover guests build mips-router --refresh')
    .action(async (names, options) => {
      const { buildGuests } = await import('./guests.ts');
      process.exitCode = await buildGuests(names, options);
    });
  guests
    .command('list')
    .description('which are made, which are not')
    .option('--json', 'print a JSON array')
    .action(async (options) => {
      const { listGuests } = await import('./guests.ts');
      process.exitCode = listGuests(options);
    });
  guests
    .command('remove')
    .argument('[name...]', 'only these (default: all, and the packages that were fetched for them)')
    .description('remove images of ours')
    .action(async (names) => {
      const { removeGuests } = await import('./guests.ts');
      process.exitCode = await removeGuests(names);
    });
}
