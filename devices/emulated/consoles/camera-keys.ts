import { FACTORY_SETTINGS, type Dialect, type Stage } from '../console/dialect.ts';
import { parseNumber, setField, type Fields } from '../console/fields.ts';
import { Interrupted } from '../console/terminal.ts';

/** `name=value` lines of a network camera and one command that mails a snapshot. Answers are `OK` or `ERR n`. */
const cameraKeys: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\nIPcam maintenance shell (emulated). "help" lists names.\n');
  for (;;) {
    try {
      const line = (await terminal.ask('cam:/> ')).trim();
      const [, name = '', value = ''] = /^([a-z.]+)=(.*)$/.exec(line) ?? [];
      if (name !== '') {
        const changed = setField(FIELDS, order, name, value);
        order = changed ?? order;
        await terminal.print(changed === null ? 'ERR 2 parameter\n' : 'OK\n');
      } else if (line === 'test-mail') {
        const result = await carry(order);
        await terminal.print(
          result.ok
            ? 'OK snapshot mailed\n'
            : `ERR ${ERRORS[result.stage] ?? 99} mail ${result.stage} ${result.text}\n`,
        );
      } else if (line === 'help') await terminal.print(`${Object.keys(FIELDS).join(' ')} test-mail exit\n`);
      else if (line === 'exit') return;
      else if (line !== '') await terminal.print('ERR 1 command\n');
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
};

const ENCRYPTION: ReadonlyMap<string, 'plaintext' | 'implicit' | 'starttls' | 'opportunistic'> = new Map([
  ['off', 'plaintext'],
  ['ssl', 'implicit'],
  ['tls', 'starttls'],
  ['auto', 'opportunistic'],
]);

const FIELDS: Fields = {
  'smtp.server': (host) => ({ host }),
  'smtp.port': (value) => {
    const port = parseNumber(value);
    return port === null ? null : { port };
  },
  'smtp.crypt': (value) => {
    const security = ENCRYPTION.get(value);
    return security === undefined ? null : { security };
  },
  'smtp.login': (user) => ({ user }),
  'smtp.pass': (password) => ({ password }),
  'mail.sender': (from) => ({ from }),
  'mail.receiver': (to) => ({ to }),
  'mail.title': (subject) => ({ subject }),
  'mail.snapshot': (value) => {
    const sizeBytes = parseNumber(value);
    return sizeBytes === null ? null : { sizeBytes };
  },
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
