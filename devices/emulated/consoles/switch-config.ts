import { FACTORY_SETTINGS, type Dialect, type MailOrder, type MailResult } from '../console/dialect.ts';
import { parseNumber } from '../console/fields.ts';
import { Interrupted, type Terminal } from '../console/terminal.ts';

/** A managed switch: privileged mode, a configuration tree with its own prompts, results as log lines. */
const switchConfig: Dialect = async (terminal, carry) => {
  let order = FACTORY_SETTINGS;
  let place: Place = 'sw-access>';
  await terminal.print('\nAccess switch, 24 ports. Authorised staff only.\n');
  for (;;) {
    try {
      const words: readonly string[] = (await terminal.ask(`${place} `)).trim().split(/\s+/);
      const line = words.join(' ');
      if (line === 'leave' && place === 'sw-access>') return;
      const next: Place | undefined = MOVES[`${place} ${line}`];
      if (next !== undefined) place = next;
      else if (place === 'sw-access[conf/mail]#') order = (await configure(terminal, order, words)) ?? order;
      else if (place === 'sw-access#' && words[0] === 'mailtest') {
        const wanted = { ...order, subject: words[1] ?? order.subject, sizeBytes: parseNumber(words[2] ?? '') ?? 0 };
        await terminal.print('Mail self-test started, this takes a moment\n');
        await terminal.print(renderLog(await carry(wanted)));
      } else if (line !== '') await terminal.print('% unknown here\n');
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
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

const TRANSPORTS: ReadonlyMap<string, MailOrder['security']> = new Map([
  ['clear', 'plaintext'],
  ['smtps', 'implicit'],
  ['starttls', 'starttls'],
  ['optional', 'opportunistic'],
]);

async function configure(terminal: Terminal, order: MailOrder, words: readonly string[]): Promise<MailOrder | null> {
  const [command, first = '', second = '', third = ''] = words;
  const port = parseNumber(second);
  const security = TRANSPORTS.get(third);
  if (command === 'relay' && port !== null && security !== undefined) return { ...order, host: first, port, security };
  if (command === 'account' && first !== '')
    return { ...order, user: first, password: await terminal.ask('Secret: ', { echo: '' }) };
  if (command === 'sender' && first !== '') return { ...order, from: first };
  if (command === 'recipient' && first !== '') return { ...order, to: first };
  await terminal.print('% incomplete or wrong argument\n');
  return null;
}

function renderLog({ ok, stage, text }: MailResult): string {
  if (ok) return `%MAIL-6-SENT: test message accepted by relay\n`;
  const reason = { connect: 'UNREACH', greeting: 'NOGREET', tls: 'TLSFAIL', certificate: 'CERTFAIL', auth: 'AUTHFAIL' };
  const name = Object.entries(reason).find(([key]) => key === stage)?.[1] ?? 'ABORT';
  return `%MAIL-3-${name}: test message not sent${text === '' ? '' : ` (${text})`}\n`;
}

export default switchConfig;
