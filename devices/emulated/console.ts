import { serveOnTerminal } from './console/on-terminal.ts';
import { openFirmware } from './console/firmware.ts';
import type { Dialect } from './console/dialect.ts';
import { takeTask } from './console/task.ts';

// Becomes the console of one emulated device: on its own terminal, or as an SSH server whose address it prints.
// One process serves a device for many orders. Started by harness/drivers/emulated.ts.
const task = takeTask();
const { default: dialect } = await importDialect(task.console);
const firmware = openFirmware(task);
if (task.over === 'ssh') {
  // ssh2 costs 0.1 s: only where it is needed.
  const { serveOverSsh } = await import('./console/over-ssh.ts');
  await serveOverSsh(task, dialect, firmware);
} else {
  await serveOnTerminal(task, dialect, firmware);
  process.exit(0);
}

async function importDialect(name: string): Promise<{ readonly default: Dialect }> {
  try {
    return await import(`./consoles/${name}.ts`);
  } catch (cause) {
    throw new Error(`no console dialect "${name}" in devices/emulated/consoles: correct reach.console`, { cause });
  }
}
