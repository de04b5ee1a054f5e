import { Interrupted, type Terminal } from './terminal.ts';

/** Asks for commands until one says to leave. Ctrl-C while typing gives a new prompt. */
export async function takeCommands(
  terminal: Terminal,
  prompt: () => string,
  obey: (line: string) => Promise<'stay' | 'leave'>,
): Promise<void> {
  for (;;) {
    try {
      if ((await obey((await terminal.ask(prompt())).trim())) === 'leave') return;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
}
