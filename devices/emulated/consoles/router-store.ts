import { FACTORY_SETTINGS, type Dialect } from '../console/dialect.ts';
import { portField, protocolField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';

/** A router with a settings store: staged changes, `apply`, then services that log with a time stamp. */
const routerStore: Dialect = async (terminal, carry) => {
  let [staged, active] = [FACTORY_SETTINGS, FACTORY_SETTINGS];
  await terminal.print('\n _--_ Wegweiser OS 19, load 0.07\n');
  await takeCommands(
    terminal,
    () => 'root@wegweiser:~$ ',
    async (line) => {
      const [, name = '', value = ''] = /^store put mail\.([a-z_]+) '(.*)'$/.exec(line) ?? [];
      if (name !== '') {
        const changed = setField(SETTINGS, staged, name, value);
        staged = changed ?? staged;
        if (changed === null) await terminal.print(`store: mail.${name}: invalid\n`);
      } else if (line === 'store apply') {
        active = staged;
        await terminal.print('mail: 1 section applied\n');
      } else if (line === 'svc mail report' || line === 'svc mail poll') {
        const { ok, stage, text } = await carry(active);
        const done = line.endsWith('poll') ? `mailbox read, ${text}` : 'report handed over';
        await terminal.print(`[  42.317] maild: ${ok ? done : `error: ${stage}: ${text}`}\n`);
      } else if (line === 'logout') return 'leave';
      else if (line !== '') await terminal.print(`${line.split(' ')[0]}: unknown applet\n`);
      return 'stay';
    },
  );
};

const SETTINGS: Fields = {
  proto: (value) => (value === 'smtp' ? { protocol: 'smtp' } : protocolField({ imap: 'imap4', pop3: 'pop3' })(value)),
  host: (host) => ({ host }),
  port: portField,
  tls: securityField({ plaintext: '0', starttls: 'starttls', implicit: 'on_connect', opportunistic: 'may' }),
  username: (user) => ({ user }),
  password: (password) => ({ password }),
  from: (from) => ({ from }),
  to: (to) => ({ to }),
  title: (subject) => ({ subject }),
  pad: sizeField,
};

export default routerStore;
