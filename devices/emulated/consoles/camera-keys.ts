import { FACTORY_SETTINGS, type Dialect, type Stage } from '../console/dialect.ts';
import { portField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';

/** `name=value` lines of a network camera and one command that mails a snapshot. Answers are `OK` or `ERR n`. */
const cameraKeys: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\nIPcam maintenance shell. "help" lists names.\n');
  await takeCommands(
    terminal,
    () => 'cam:/> ',
    async (line) => {
      const [, name = '', value = ''] = /^([a-z.]+)=(.*)$/.exec(line) ?? [];
      if (name !== '') {
        const changed = setField(FIELDS, order, name, value);
        order = changed ?? order;
        await terminal.print(changed === null ? 'ERR 2 parameter\n' : 'OK\n');
      } else if (line === 'test-mail') {
        const { ok, stage, text } = await carry(order);
        await terminal.print(ok ? 'OK snapshot mailed\n' : `ERR ${ERRORS[stage] ?? 99} mail ${stage} ${text}\n`);
      } else if (line === 'help') await terminal.print(`${Object.keys(FIELDS).join(' ')} test-mail exit\n`);
      else if (line === 'exit') return 'leave';
      else if (line !== '') await terminal.print('ERR 1 command\n');
      return 'stay';
    },
  );
};

const FIELDS: Fields = {
  'smtp.server': (host) => ({ host }),
  'smtp.port': portField,
  'smtp.crypt': securityField({ plaintext: 'off', implicit: 'ssl', starttls: 'tls', opportunistic: 'auto' }),
  'smtp.login': (user) => ({ user }),
  'smtp.pass': (password) => ({ password }),
  'mail.sender': (from) => ({ from }),
  'mail.receiver': (to) => ({ to }),
  'mail.title': (subject) => ({ subject }),
  'mail.snapshot': sizeField,
};

const ERRORS: Partial<Record<Stage, number>> = {
  connect: 40,
  greeting: 41,
  tls: 45,
  certificate: 46,
  auth: 50,
  mail: 55,
};

export default cameraKeys;
