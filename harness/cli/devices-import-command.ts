import type { Command } from 'commander';

/** `cutover devices import`, below `cutover devices`. */
export function addDevicesImport(devices: Command): void {
  devices
    .command('import')
    .argument('<list>', 'spreadsheet: .xlsx, or .csv with commas, semicolons or tabs')
    .description('device files from a list: known models are matched, new ones get a file, doubtful ones are told')
    .option('--into <folder>', 'folder of device files (default: the ones that come with cutover)')
    .option('--dry-run', 'say what would be done, and write nothing')
    .option('--json', 'print what became of each row as a JSON array')
    .addHelpText('after', EXAMPLES)
    .action(async (list, options) => {
      const { importDevices } = await import('./devices-import.ts');
      process.exitCode = importDevices(list, options);
    });
}

const EXAMPLES = `
Examples:
  npx cutover devices import printers.xlsx --into my-devices --dry-run
  npx cutover devices import printers.xlsx --into my-devices
  npx cutover attend --devices my-devices            what was imported, pressed by people

Exit codes: 0 every row has its device · 1 a person has to look at some rows · 64 wrong usage · 78 the list cannot be read`;
