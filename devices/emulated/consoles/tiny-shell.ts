import { FACTORY_SETTINGS, type Carry, type Dialect, type MailOrder } from '../console/dialect.ts';
import { portField, protocolField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';
import type { Terminal } from '../console/terminal.ts';

/** The shell of a small Linux box with two programs, `mailput` and `mailget`; `echo $?` tells how the last one ended. */
const tinyShell: Dialect = async (terminal, carry) => {
  let status = 0;
  await terminal.print('\nLinux box 2.6.22 armv5tejl\n');
  await takeCommands(
    terminal,
    () => '/ # ',
    async (line) => {
      const [program = '', ...args] = line.split(/\s+/);
      if (program === 'exit') return 'leave';
      if (program === '') return 'stay';
      if (line === 'echo $?') await terminal.print(`${status}\n`);
      else if (program === 'mailput' || program === 'mailget') status = await run(terminal, carry, program, args);
      else {
        await terminal.print(`-sh: ${program}: not found\n`);
        status = 127;
      }
      return 'stay';
    },
  );
};

/** Returns the exit code: 0, 1 for a failed transfer (as its only word), 2 for wrong usage. */
async function run(
  terminal: Terminal,
  carry: Carry,
  program: 'mailput' | 'mailget',
  args: readonly string[],
): Promise<number> {
  let order: MailOrder | null = { ...FACTORY_SETTINGS, protocol: program === 'mailput' ? 'smtp' : 'imap' };
  for (let i = 0; i < args.length && order !== null; i += 2)
    order = setField(OPTIONS, order, args[i] ?? '', args[i + 1] ?? '');
  if (order === null) {
    await terminal.print(`usage: ${program} ${Object.keys(OPTIONS).join(' X ')} X\n`);
    return 2;
  }
  const password = await terminal.ask('password: ', { echo: '' });
  const { ok, stage, text } = await carry({ ...order, password });
  if (!ok) await terminal.print(`${program}: ${stage}: ${text}\n`);
  return ok ? 0 : 1;
}

const OPTIONS: Fields = {
  '-h': (host) => ({ host }),
  '-p': portField,
  '-e': securityField({ plaintext: 'no', implicit: 'wrap', starttls: 'yes', opportunistic: 'try' }),
  '-P': protocolField({ imap: 'imap', pop3: 'pop3' }),
  '-u': (user) => ({ user }),
  '-f': (from) => ({ from }),
  '-t': (to) => ({ to }),
  '-s': (subject) => ({ subject }),
  '-b': sizeField,
};

export default tinyShell;
