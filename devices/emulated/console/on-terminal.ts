import type { Dialect } from './dialect.ts';
import type { EmulatedFirmware } from './firmware.ts';
import type { Task } from './task.ts';
import { ConsoleClosed, Interrupted, Terminal } from './terminal.ts';

/** Serves this process's own terminal until it closes: asks who is there, then speaks the dialect. */
export async function serveOnTerminal(task: Task, dialect: Dialect, firmware: EmulatedFirmware): Promise<void> {
  process.stdin.setRawMode?.(true);
  // A terminal is written synchronously; in raw mode it still turns "\n" into "\r\n" (ONLCR).
  const terminal = new Terminal(async (text) => void process.stdout.write(text));
  process.stdin.on('data', (bytes: Buffer) => terminal.receive(bytes));
  process.stdin.on('end', () => terminal.close());
  process.stdin.on('error', () => terminal.close());
  try {
    await logIn(terminal, task);
    await dialect(terminal, (order) => firmware.carry(order, terminal));
  } catch (error) {
    if (!(error instanceof ConsoleClosed)) throw error;
  }
}

async function logIn(terminal: Terminal, task: Task): Promise<void> {
  for (;;) {
    try {
      const user = await terminal.ask('login: ');
      const password = await terminal.ask('Password: ', { echo: '' });
      if (user === task.login.user && password === task.login.password) return;
      await terminal.print('Login incorrect\n');
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
}
