import { FACTORY_SETTINGS, type Dialect, type Stage } from '../console/dialect.ts';
import { portField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';

/** A power supply's network card: a redrawn status line, colours everywhere, a spinner while it works. */
const upsColours: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\x1b[2J\x1b[1;1H\x1b[7m NOTSTROM 700  line 231 V  battery 100 % \x1b[0m\x1b[3;1H');
  await takeCommands(
    terminal,
    () => '\x1b[33mups\x1b[0m\x1b[1m>\x1b[0m ',
    async (line) => {
      const [verb, name = '', ...rest] = line.split(' ');
      if (verb === 'let') {
        const changed = setField(SETTINGS, order, name, rest.join(' '));
        order = changed ?? order;
        await terminal.print(changed === null ? '\x1b[31mno\x1b[0m\n' : '\x1b[32myes\x1b[0m\n');
      } else if (line === 'alert now') {
        await terminal.print('working |\b/\b-\b');
        const { ok, stage, text } = await carry(order);
        const words = ok
          ? '\x1b[32malert delivered\x1b[0m'
          : `\x1b[31malert LOST, ${STEPS[stage] ?? 'step 9'} ${text}\x1b[0m`;
        await terminal.print(`\r\x1b[K${words}\n`);
      } else if (line === 'off') return 'leave';
      else if (line !== '') await terminal.print('\x1b[31mwhat?\x1b[0m\n');
      return 'stay';
    },
  );
};

const SETTINGS: Fields = {
  server: (host) => ({ host }),
  port: portField,
  wrap: securityField({ plaintext: 'none', implicit: 'full', starttls: 'late', opportunistic: 'maybe' }),
  account: (user) => ({ user }),
  pin: (password) => ({ password }),
  sender: (from) => ({ from }),
  duty: (to) => ({ to }),
  topic: (subject) => ({ subject }),
  bulk: sizeField,
};

const STEPS: Partial<Record<Stage, string>> = {
  connect: 'step 1',
  greeting: 'step 2',
  tls: 'step 3',
  certificate: 'step 4',
  auth: 'step 5',
  mail: 'step 6',
};

export default upsColours;
