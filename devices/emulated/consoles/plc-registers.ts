import { FACTORY_SETTINGS, type Dialect } from '../console/dialect.ts';
import { portField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';

/** A controller's register monitor. A job is started and runs on its own: what became of it is never shown. */
const plcRegisters: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  let jobs = 0;
  await terminal.print('\nMONITOR READY\n');
  await takeCommands(
    terminal,
    () => '.',
    async (line) => {
      const [, register = '', value = ''] = /^W (MB\d+) "(.*)"$/.exec(line) ?? [];
      if (register !== '') {
        const changed = setField(REGISTERS, order, register, value);
        order = changed ?? order;
        await terminal.print(changed === null ? 'NAK\n' : 'ACK\n');
      } else if (line === 'RUN MAIL') {
        jobs++;
        // Whether it worked is for the mailbox to know.
        carry(order).catch(() => {});
        await terminal.print(`JOB ${jobs} STARTED\n`);
      } else if (line === 'Q') return 'leave';
      else if (line !== '') await terminal.print('NAK\n');
      return 'stay';
    },
  );
};

const REGISTERS: Fields = {
  MB100: (host) => ({ host }),
  MB101: portField,
  MB102: securityField({ plaintext: '00', starttls: '01', implicit: '10', opportunistic: '11' }),
  MB110: (user) => ({ user }),
  MB111: (password) => ({ password }),
  MB120: (from) => ({ from }),
  MB121: (to) => ({ to }),
  MB122: (subject) => ({ subject }),
  MB123: sizeField,
};

export default plcRegisters;
