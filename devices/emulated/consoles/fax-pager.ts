import { FACTORY_SETTINGS, type Dialect, type MailResult } from '../console/dialect.ts';
import { portField, securityField, setField, sizeField, type Fields } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';
import type { Terminal } from '../console/terminal.ts';

/** A fax machine's service line: numbered parameters in capitals, the journal of a transmission in pages. */
const faxPager: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  await terminal.print('\nFAX SERVICE LINE  V3.02\n');
  await takeCommands(
    terminal,
    () => 'FAX* ',
    async (line) => {
      const [, number = '', value = ''] = /^PAR (\d{3}) (.*)$/.exec(line) ?? [];
      if (number !== '') {
        const changed = setField(PARAMETERS, order, number, value);
        order = changed ?? order;
        await terminal.print(changed === null ? `PAR ${number} REJECTED\n` : `PAR ${number} SET\n`);
      } else if (line === 'CODE') order = { ...order, password: await terminal.ask('CODE WORD? ', { echo: '' }) };
      else if (line === 'SEND TEST') await showPages(terminal, renderJournal(await carry(order)));
      else if (line === 'END') return 'leave';
      else if (line !== '') await terminal.print('?\n');
      return 'stay';
    },
  );
};

const PARAMETERS: Fields = {
  '301': (host) => ({ host }),
  '302': portField,
  '303': securityField({ plaintext: '0', implicit: '1', starttls: '2', opportunistic: '3' }),
  '310': (user) => ({ user }),
  '320': (from) => ({ from }),
  '321': (to) => ({ to }),
  '322': (subject) => ({ subject }),
  '323': sizeField,
};

function renderJournal({ ok, stage, text }: MailResult): readonly string[] {
  const entries = Array.from({ length: 40 }, (_, i) => `${String(i + 1).padStart(3)}  FAX RX  00:0${i % 10}  OK`);
  const result = ok ? 'MAIL TX  OK' : `MAIL TX  NG ${stage.toUpperCase()} ${text}`;
  return ['JOURNAL', ...entries, result, 'END OF JOURNAL'];
}

async function showPages(terminal: Terminal, lines: readonly string[]): Promise<void> {
  const pageLines = 20;
  for (let i = 0; i < lines.length; i += pageLines) {
    await terminal.print(`${lines.slice(i, i + pageLines).join('\n')}\n`);
    if (i + pageLines >= lines.length) return;
    await terminal.anyKey('-- more --');
    // Pagers wipe their own line.
    await terminal.print('\r          \r');
  }
}

export default faxPager;
