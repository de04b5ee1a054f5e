import { FACTORY_SETTINGS, type Dialect, type MailOrder, type MailResult, type Stage } from '../console/dialect.ts';
import { portField, securityField, sizeField } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';
import type { Terminal } from '../console/terminal.ts';

/** A managed switch: privileged mode, a configuration tree with its own prompts, results as log lines. */
const switchConfig: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  let place: Place = 'sw-access>';
  await terminal.print('\nAccess switch, 24 ports. Authorised staff only.\n');
  await takeCommands(
    terminal,
    () => `${place} `,
    async (line) => {
      const words = line.split(/\s+/);
      const next: Place | undefined = MOVES[`${place} ${line}`];
      if (line === 'leave' && place === 'sw-access>') return 'leave';
      if (next !== undefined) place = next;
      else if (place === 'sw-access[conf/mail]#') order = (await configure(terminal, order, words)) ?? order;
      else if (place === 'sw-access#' && words[0] === 'mailtest') {
        await terminal.print('Mail self-test started, this takes a moment\n');
        const subject = words[1] ?? order.subject;
        await terminal.print(renderLog(await carry({ ...order, ...sizeField(words[2] ?? ''), subject })));
      } else if (line !== '') await terminal.print('% unknown here\n');
      return 'stay';
    },
  );
};

type Place = 'sw-access>' | 'sw-access#' | 'sw-access[conf]#' | 'sw-access[conf/mail]#';

const MOVES: Readonly<Record<string, Place>> = {
  'sw-access> enable': 'sw-access#',
  'sw-access# configure': 'sw-access[conf]#',
  'sw-access# leave': 'sw-access>',
  'sw-access[conf]# mail': 'sw-access[conf/mail]#',
  'sw-access[conf]# leave': 'sw-access#',
  'sw-access[conf/mail]# leave': 'sw-access[conf]#',
};

const transportField = securityField({
  plaintext: 'clear',
  implicit: 'smtps',
  starttls: 'starttls',
  opportunistic: 'optional',
});

async function configure(terminal: Terminal, order: MailOrder, words: readonly string[]): Promise<MailOrder | null> {
  const [command, first = '', second = '', third = ''] = words;
  const [port, transport] = [portField(second), transportField(third)];
  if (command === 'relay' && port !== null && transport !== null)
    return { ...order, host: first, ...port, ...transport };
  if (command === 'account' && first !== '')
    return { ...order, user: first, password: await terminal.ask('Secret: ', { echo: '' }) };
  if (command === 'sender' && first !== '') return { ...order, from: first };
  if (command === 'recipient' && first !== '') return { ...order, to: first };
  await terminal.print('% incomplete or wrong argument\n');
  return null;
}

const REASONS: Partial<Record<Stage, string>> = {
  connect: 'UNREACH',
  greeting: 'NOGREET',
  tls: 'TLSFAIL',
  certificate: 'CERTFAIL',
  auth: 'AUTHFAIL',
};

function renderLog({ ok, stage, text }: MailResult): string {
  if (ok) return '%MAIL-6-SENT: test message accepted by relay\n';
  return `%MAIL-3-${REASONS[stage] ?? 'ABORT'}: test message not sent${text === '' ? '' : ` (${text})`}\n`;
}

export default switchConfig;
