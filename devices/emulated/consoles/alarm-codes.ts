import { FACTORY_SETTINGS, type Dialect, type Stage } from '../console/dialect.ts';
import { portField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';

/** An alarm panel: installer codes `*NN#value`, a beep for yes, three beeps for no, results as a code of three letters. */
const alarmCodes: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\nZENTRALE BEREIT\n');
  await takeCommands(
    terminal,
    () => '#',
    async (line) => {
      if (line === '*00') return 'leave';
      if (line === '*90') {
        await terminal.print('RUF...\n');
        const { ok, stage } = await carry(order);
        await terminal.print(ok ? 'A00 MELDUNG ABGESETZT\n' : `E${CODES[stage] ?? '99'} STOERUNG MELDEWEG\n`);
        return 'stay';
      }
      const [, code = '', value = ''] = /^\*(\d\d)#(.*)$/.exec(line) ?? [];
      const changed = setField(SETTINGS, order, code, value);
      order = changed ?? order;
      await terminal.print(changed === null ? '\x07\x07\x07FALSCH\n' : '\x07GUT\n');
      return 'stay';
    },
  );
};

const SETTINGS: Fields = {
  '01': (host) => ({ host }),
  '02': portField,
  '03': securityField({ plaintext: '0', implicit: '1', starttls: '2', opportunistic: '9' }),
  '04': (user) => ({ user }),
  '05': (password) => ({ password }),
  '06': (from) => ({ from }),
  '07': (to) => ({ to }),
  '08': (subject) => ({ subject }),
  '09': sizeField,
};

const CODES: Partial<Record<Stage, string>> = {
  connect: '10',
  greeting: '11',
  tls: '20',
  certificate: '21',
  auth: '30',
  mail: '40',
  aborted: '98',
};

export default alarmCodes;
