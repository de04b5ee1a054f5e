import { FACTORY_SETTINGS, type Carry, type Dialect, type MailOrder, type Stage } from '../console/dialect.ts';
import { portField, protocolField, sizeField } from '../console/fields.ts';
import { takeCommands } from '../console/take-commands.ts';
import type { Terminal } from '../console/terminal.ts';

/** A network storage: `setup NAME` asks, mostly yes or no; answers in whole words, defaults in capitals. */
const nasQuestions: Dialect = async (terminal, carry) => {
  await terminal.print('\nSpeicherinsel maintenance. Type "setup notify", "setup mailbox" or "bye".\n');
  await takeCommands(
    terminal,
    () => 'nas> ',
    async (line) => {
      if (line === 'bye') return 'leave';
      if (line === 'setup notify') await setUp(terminal, carry, await askNotify(terminal));
      else if (line === 'setup mailbox') await setUp(terminal, carry, await askMailbox(terminal));
      else if (line !== '') await terminal.print('No such topic.\n');
      return 'stay';
    },
  );
};

async function askNotify(terminal: Terminal): Promise<MailOrder> {
  const server = await askServer(terminal);
  const from = await terminal.ask('From which address? ');
  const to = await terminal.ask('Whom shall I notify? ');
  const subject = await terminal.ask('Prefix for subjects? ');
  const size = sizeField(await terminal.ask('Attach how many bytes of log? '));
  return { ...FACTORY_SETTINGS, ...server, from, to, subject, ...size };
}

async function askMailbox(terminal: Terminal): Promise<MailOrder> {
  const server = await askServer(terminal);
  const kind = protocolField({ imap: 'imap', pop3: 'pop' })(await terminal.ask('Kind of mailbox (imap/pop)? '));
  return { ...FACTORY_SETTINGS, protocol: 'imap', ...server, ...kind };
}

async function askServer(terminal: Terminal): Promise<Partial<MailOrder>> {
  const host = await terminal.ask('Name of the server? ');
  const port = portField(await terminal.ask('Port? '));
  const encrypted = await agree(terminal, 'Encrypt the connection?');
  const atOnce = encrypted && (await agree(terminal, 'Encrypt from the first byte?'));
  const clear = encrypted && !atOnce && (await agree(terminal, 'Go on without encryption if there is none?'));
  const security = !encrypted ? 'plaintext' : atOnce ? 'implicit' : clear ? 'opportunistic' : 'starttls';
  const user = await terminal.ask('Account? ');
  const password = await terminal.ask('Its password? ', { echo: '' });
  return { host, ...port, security, user, password };
}

async function setUp(terminal: Terminal, carry: Carry, order: MailOrder): Promise<void> {
  while (await agree(terminal, 'Try it now?')) {
    const { ok, stage, text } = await carry(order);
    const happened = order.protocol === 'smtp' ? 'Notification sent.' : `Mailbox read: ${text}.`;
    await terminal.print(ok ? `${happened}\n` : `Sorry, ${FAILURES[stage] ?? 'that did not work'}: ${text}\n`);
  }
}

async function agree(terminal: Terminal, question: string): Promise<boolean> {
  for (;;) {
    const typed = (await terminal.ask(`${question} [YES/no] `)).toLowerCase();
    if (['', 'yes', 'no'].includes(typed)) return typed !== 'no';
    await terminal.print('Please answer yes or no.\n');
  }
}

const FAILURES: Partial<Record<Stage, string>> = {
  connect: 'the server cannot be reached',
  greeting: 'the server keeps silent',
  tls: 'encryption could not be agreed',
  certificate: 'the server is not who it says',
  auth: 'the account was not accepted',
};

export default nasQuestions;
